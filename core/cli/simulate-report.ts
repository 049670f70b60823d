import { counted } from '../counted.ts';
import type { CardSeen, UtteranceSeen, Waterfall } from '../counter/observer.ts';
import type { Money } from './money.ts';
import type { ResumableReport } from './play-resumable.ts';

/** The stages of a waterfall as people read them, in order. */
const STAGES: readonly [keyof Waterfall, string][] = [
  ['hangOver', 'fim de fala'],
  ['decode', 'decodificação'],
  ['vad', 'VAD'],
  ['stt', 'transcrição'],
  ['context', 'contexto'],
  ['llm', 'modelo'],
  ['gate', 'portão'],
  ['sent', 'envio'],
];

/** Who chose a card's items, as people read it; nobody has to be named where there are none. */
const SOURCES: Readonly<Record<string, string>> = { llm: 'modelo', catalogue: 'catálogo', none: '' };

const BAR_WIDTH = 40;
const SAMPLES_PER_SECOND = 16_000;

/** One utterance on one line: when it was said, what, by whom it was understood, and what that cost. */
export function utteranceLine({ utterance, outcome, text, rules }: UtteranceSeen, money: Money): string {
  const start = clock(utterance.startSample / SAMPLES_PER_SECOND);
  const end = clock(utterance.endSample / SAMPLES_PER_SECOND);
  const said = text || `(${rules.length > 0 ? `descartado: ${rules.join(', ')}` : meaningOf(outcome.status)})`;
  const answered =
    outcome.sentAtMs === null || outcome.readyAtMs === null
      ? ''
      : ` ${milliseconds(outcome.readyAtMs - outcome.sentAtMs)}`;
  return `[${start}–${end}] ${said}   · ${outcome.address ?? 'ninguém'}${answered} ${money.text(outcome.costMicroUsd)}`;
}

/** A card, its reason, and where the time between speech and socket went. */
export function cardLines(seen: CardSeen, money: Money): string[] {
  const { card, delivery, source, reason, waterfall, costMicroUsd } = seen;
  const items = Array.isArray(card?.['itens']) ? (card['itens'] as Record<string, unknown>[]) : [];
  const shown = items.map((item) => `     ► ${String(item['sugestao'])}: ${String(item['explicacao'])}`);
  const from = SOURCES[source] ?? source;
  const facts = [from, delivery.replaceAll('_', ' '), money.text(costMicroUsd)].filter((fact) => fact !== '');
  const head = `  cartão (${facts.join(', ')})${reason ? `: ${reason}` : ''}`;
  return [head, ...shown, ...waterfallLines(waterfall)];
}

/** One bar per stage, each starting where the one before ended. */
export function waterfallLines(waterfall: Waterfall): string[] {
  const total = STAGES.reduce((sum, [stage]) => sum + waterfall[stage], 0);
  let before = 0;
  const bars = STAGES.map(([stage, name]) => {
    const ms = waterfall[stage];
    const from = total > 0 ? Math.round((before / total) * BAR_WIDTH) : 0;
    before += ms;
    const to = total > 0 ? Math.round((before / total) * BAR_WIDTH) : 0;
    const bar = `${' '.repeat(from)}${'█'.repeat(Math.max(to - from, ms > 0 ? 1 : 0))}`.slice(0, BAR_WIDTH);
    return `     ${name.padEnd(14)}${milliseconds(ms).padStart(9)} ${bar}`;
  });
  return [...bars, `     ${'total'.padEnd(14)}${milliseconds(total).padStart(9)}`];
}

/** What a device of protocol 2 was told. */
export function resumableLines({ acks, cards, cut, sessions, safe, impossible }: ResumableReport): string[] {
  const told = [
    `protocolo 2: ${counted(acks, 'confirmação', 'confirmações')}`,
    counted(safe, 'byte seguro', 'bytes seguros'),
    counted(cards, 'cartão recebido', 'cartões recebidos'),
  ].join(', ');
  if (!cut) return [told];
  const where = `rede cortada no byte ${cut.atByte} (${cut.safe} seguros), retomada no byte ${cut.resumedFrom}`;
  const how = sessions === 1 && impossible.length === 0 ? 'na mesma sessão' : 'SEM retomar a sessão';
  return [told, `${where}, ${how}`];
}

/** `01:02,3` */
export function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${String(minutes).padStart(2, '0')}:${(seconds - minutes * 60).toFixed(1).padStart(4, '0').replace('.', ',')}`;
}

function milliseconds(ms: number): string {
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1).replace('.', ',')} ms`;
}

function meaningOf(status: UtteranceSeen['outcome']['status']): string {
  const meanings = {
    answered: 'nada de útil',
    empty: 'nada foi dito',
    lost: 'perdida: nenhum provedor respondeu',
    no_provider: 'nenhum provedor de transcrição configurado',
  };
  return meanings[status];
}
