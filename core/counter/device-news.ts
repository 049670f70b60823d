import type { HealthChange } from '../runtime/health.ts';
import type { BudgetState } from '../store/budget-claims.ts';
import type { CounterTransport } from './types.ts';

/** What a device of protocol 2 is told beside its cards. */
export interface DeviceNews {
  partial(segment: number, text: string): void;
  final(segment: number, text: string, speaker: string | null): void;
  provider(change: Pick<HealthChange, 'kind' | 'address' | 'what'>): void;
  listening(isPaused: boolean): void;
  /** Speech that nobody answered for; 0: it is answered again. */
  lost(ms: number): void;
  /** Milliseconds of sound that only this process has; 0: the device has it all. */
  unsaved(ms: number): void;
  budget(state: BudgetState): void;
  /** A connection is there again: what could not be sent is. */
  repeat(): void;
}

const nothing = () => {};

/** Devices of protocol 1 are told nothing. */
export const NO_NEWS: DeviceNews = {
  partial: nothing,
  final: nothing,
  provider: nothing,
  listening: nothing,
  lost: nothing,
  unsaved: nothing,
  budget: nothing,
  repeat: nothing,
};

interface Situation {
  situacao: string;
  mensagem: string;
  [detail: string]: unknown;
}

/** Texts that nobody was there to read; the oldest goes. */
const MOST_FINALS = 32;
const BUDGET: Record<BudgetState, Situation> = {
  ok: { situacao: 'normal', mensagem: 'O orçamento voltou ao normal.' },
  warned: { situacao: 'baixo', mensagem: 'O orçamento está perto do fim.' },
  cheaper: { situacao: 'economia', mensagem: 'O orçamento está no fim: em uso os fornecedores mais baratos.' },
  spent: { situacao: 'esgotado', mensagem: 'O orçamento acabou; os fornecedores continuam sendo usados.' },
  stopped: { situacao: 'parado', mensagem: 'O orçamento acabou: nenhum fornecedor pago é mais chamado.' },
};
/** Not worth a word to a device that was told nothing else. */
const USUAL = new Set(['normal', 'recuperado', 'ouvindo']);
const KINDS: Record<string, string> = {
  stt: 'transcrição',
  llm: 'recomendação',
  vad: 'detecção de fala',
  cleaner: 'limpeza de ruído',
};

/** `transcricao` and `estado` of protocol 2. A situation is said when it changes, never again while it lasts. */
export class WireNews implements DeviceNews {
  readonly #transport: CounterTransport;
  /** Segments of which text so far was shown: each is closed by a final, also by an empty one. */
  readonly #shown = new Set<number>();
  #finals: object[] = [];
  /** By subject: what holds, and what the device was told. */
  readonly #situations = new Map<string, { now: Situation; told: string }>();
  /** Addresses that do badly, by kind. */
  readonly #unwell = new Map<string, Set<string>>();
  #lostMs = 0;

  constructor(transport: CounterTransport) {
    this.#transport = transport;
  }

  partial(segment: number, texto: string): void {
    this.#shown.add(segment);
    this.#transport.send({ comando: 'transcricao', segmento: segment, texto, final: false });
  }

  final(segment: number, texto: string, speaker: string | null): void {
    const wasShown = this.#shown.delete(segment);
    if (texto === '' && !wasShown) return;
    const locutor = speaker === null ? {} : { locutor: speaker };
    const message = { comando: 'transcricao', segmento: segment, texto, final: true, ...locutor };
    if (this.#transport.send(message)) return;
    this.#finals.push(message);
    if (this.#finals.length > MOST_FINALS) this.#finals.shift();
  }

  provider({ kind, address, what }: Pick<HealthChange, 'kind' | 'address' | 'what'>): void {
    const unwell = this.#unwell.get(kind) ?? new Set();
    this.#unwell.set(kind, unwell);
    if (what === 'degraded') unwell.add(address);
    else unwell.delete(address);
    const name = KINDS[kind] ?? kind;
    this.#say(
      `provedor:${kind}`,
      unwell.size > 0
        ? { situacao: 'degradado', tipo: kind, mensagem: `Um fornecedor de ${name} falhou; outro ocupa o lugar dele.` }
        : { situacao: 'recuperado', tipo: kind, mensagem: `Os fornecedores de ${name} se recuperaram.` },
    );
  }

  listening(isPaused: boolean): void {
    this.#say(
      'escuta',
      isPaused
        ? { situacao: 'pausada', mensagem: 'A escuta está em pausa.' }
        : { situacao: 'ouvindo', mensagem: 'O balcão está sendo ouvido.' },
    );
  }

  lost(ms: number): void {
    if (ms === 0 && this.#lostMs === 0) return;
    this.#lostMs += ms;
    if (ms > 0) {
      this.#say('audio', {
        situacao: 'perdido',
        mensagem: 'Falas não foram transcritas: nenhum fornecedor respondeu.',
      });
      return;
    }
    const perdidos_ms = Math.round(this.#lostMs);
    this.#lostMs = 0;
    this.#say('audio', { situacao: 'normal', perdidos_ms, mensagem: 'As falas voltaram a ser transcritas.' });
  }

  unsaved(ms: number): void {
    this.#say(
      'reserva',
      ms > 0
        ? {
            situacao: 'cheia',
            atraso_ms: Math.round(ms),
            mensagem: 'Há mais fala à espera do que o aparelho guarda: só este servidor a tem.',
          }
        : { situacao: 'normal', mensagem: 'Toda a fala à espera está também no aparelho.' },
    );
  }

  budget(state: BudgetState): void {
    this.#say('orcamento', BUDGET[state]);
  }

  repeat(): void {
    this.#finals = this.#finals.filter((message) => !this.#transport.send(message));
    for (const subject of this.#situations.keys()) this.#tell(subject);
  }

  #say(subject: string, now: Situation): void {
    const told = this.#situations.get(subject)?.told ?? '';
    this.#situations.set(subject, { now, told });
    this.#tell(subject);
  }

  #tell(subject: string): void {
    const known = this.#situations.get(subject);
    if (!known || known.told === known.now.situacao) return;
    if (known.told === '' && USUAL.has(known.now.situacao)) return;
    const [assunto] = subject.split(':');
    if (this.#transport.send({ comando: 'estado', assunto, ...known.now })) known.told = known.now.situacao;
  }
}
