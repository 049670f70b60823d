import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Balto, createApp } from '../app.ts';
import { BaltoError } from '../contracts/index.ts';
import { counted } from '../counted.ts';
import { type CardSeen, Observer, type UtteranceSeen } from '../counter/observer.ts';
import type { Command, Io } from './command.ts';
import { type Money, moneyFor } from './money.ts';
import { durationOf, play } from './play.ts';
import { playResumable, type ResumableReport } from './play-resumable.ts';
import { cardLines, clock, resumableLines, utteranceLine } from './simulate-report.ts';

const LARGEST_FILE_BYTES = 512 * 1024 * 1024;

export const command: Command = {
  usage: 'simulate ARQUIVO [--pace N] [--protocolo 2 [--corta]] [--json]',
  summary:
    'Passa um WebM, Ogg ou WAV pelo caminho real de um balcão (WebSocket, VAD, os provedores configurados, portão) e mostra falas, cartões, tempos e custo. Usa um banco temporário: nada fica nos seus dados. Chaves reais gastam dinheiro real.',
  options: {
    pace: { type: 'string', value: 'N', help: 'Velocidade: 1 (padrão) é o tempo real, até 20' },
    protocolo: { type: 'string', value: 'N', help: '1 (padrão), ou 2: com confirmações e retomada' },
    corta: { type: 'boolean', help: 'Com --protocolo 2: a rede cai no meio, e o aparelho retoma' },
  },
  positionals: ['ARQUIVO'],
  async run({ values, positionals }, io) {
    const pace = readPace(values['pace']);
    const device = readDevice(values);
    const bytes = await readAudio(positionals[0] ?? '');
    const durationMs = await durationOf(bytes, io.env);
    const isJson = values['json'] === true;
    const observer = new Observer();
    const money = moneyFor(io.env);
    const seen = watch(observer, isJson ? null : io, money);
    const report = await simulate({ io, observer, bytes, durationMs, pace, device });
    const summary = { ...summaryOf(positionals[0] ?? '', durationMs, seen), ...(report && { protocol2: report }) };
    if (isJson) io.out(JSON.stringify(summary, null, 2));
    else io.out([totals(durationMs, seen, money), ...(report ? resumableLines(report) : [])].join('\n'));
    return seen.lostMs > 0 || (report && !isResumed(report)) ? 1 : 0;
  },
};

interface SimulatedDevice {
  protocol: 1 | 2;
  cuts: boolean;
}

interface SimulationSeen {
  utterances: UtteranceSeen[];
  cards: CardSeen[];
  lostMs: number;
}

function watch(observer: Observer, io: Io | null, money: Money): SimulationSeen {
  const seen: SimulationSeen = { utterances: [], cards: [], lostMs: 0 };
  observer.on('format', ({ format }) => io?.out(`formato reconhecido: ${format}`));
  observer.on('partial', ({ text }) => io?.out(`  … ${text}`));
  observer.on('utterance', (utterance) => {
    seen.utterances.push(utterance);
    io?.out(utteranceLine(utterance, money));
  });
  observer.on('card', (card) => {
    seen.cards.push(card);
    for (const line of cardLines(card, money)) io?.out(line);
  });
  observer.on('degraded', ({ what, by }) => io?.error(`aviso: ${what} falhou; em uso: ${by}`));
  observer.on('lost', ({ lostMs }) => {
    seen.lostMs += lostMs;
  });
  return seen;
}

async function simulate(run: {
  io: Io;
  observer: Observer;
  bytes: Buffer;
  durationMs: number;
  pace: number;
  device: SimulatedDevice;
}): Promise<ResumableReport | null> {
  const { io, observer, device, ...file } = run;
  const dataDir = await mkdtemp(join(tmpdir(), 'balto-simulate-'));
  const own = { BALTO_DATA_DIR: dataDir, DATABASE_URL: '', POSTGRES_HOST: '', PORT: '0', BALTO_LOG_LEVEL: 'silent' };
  let balto: Balto | undefined;
  try {
    balto = await createApp({ env: { ...io.env, ...own, WEB_CONCURRENCY: '1', MAX_COUNTERS: '' }, observer });
    for (const line of balto.summary().missing) io.error(`aviso: ${line}`);
    await balto.app.listen({ port: 0, host: '127.0.0.1' });
    const address = balto.app.server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const apiKey = await temporaryCounter(balto);
    const playing = { ...file, url: `ws://127.0.0.1:${port}/ws`, apiKey, signal: io.signal };
    const { socket, report } =
      device.protocol === 2
        ? await playResumable({ ...playing, cuts: device.cuts })
        : { socket: await play(playing), report: null };
    // Draining finishes what was heard, asks the model, sends the card, and only then closes.
    await balto.app.connections.drain();
    socket.terminate();
    return report;
  } finally {
    await balto?.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function temporaryCounter({ store }: Balto): Promise<string> {
  const { client } = await store.clients.create({ email: 'simulacao@balto.invalid', companyName: 'Simulação' });
  return (await store.counters.register(client.clientId, 'Simulação')).apiKey;
}

function readPace(value: string | boolean | undefined): number {
  const pace = value === undefined ? 1 : Number(value);
  if (pace >= 0.1 && pace <= 20) return pace;
  throw new BaltoError({ code: 'BALTO_CLI_USAGE', message: '--pace deve ser um número de 0.1 a 20', field: 'pace' });
}

function readDevice(values: Record<string, unknown>): SimulatedDevice {
  const protocol = values['protocolo'] ?? '1';
  const cuts = values['corta'] === true;
  if (protocol === '2') return { protocol: 2, cuts };
  if (protocol !== '1') {
    throw new BaltoError({ code: 'BALTO_CLI_USAGE', message: '--protocolo deve ser 1 ou 2', field: 'protocolo' });
  }
  if (!cuts) return { protocol: 1, cuts };
  const message = '--corta precisa de --protocolo 2: no protocolo 1 nada é retomado';
  throw new BaltoError({ code: 'BALTO_CLI_USAGE', message, field: 'corta' });
}

/** One session, whatever was cut, and never asked for what it need not keep. */
function isResumed({ sessions, impossible }: ResumableReport): boolean {
  return sessions === 1 && impossible.length === 0;
}

async function readAudio(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > 0 && bytes.length <= LARGEST_FILE_BYTES) return bytes;
  } catch (cause) {
    const code = String((cause as NodeJS.ErrnoException).code);
    throw new BaltoError({
      code: 'BALTO_SIMULATE_FILE',
      message: `O arquivo ${file} não pôde ser lido (${code}).`,
      cause,
    });
  }
  throw new BaltoError({ code: 'BALTO_SIMULATE_FILE', message: `O arquivo ${file} está vazio ou passa de 512 MB.` });
}

function costOf({ utterances, cards }: SimulationSeen): number {
  const heard = utterances.reduce((sum, { outcome }) => sum + outcome.costMicroUsd, 0);
  return cards.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, heard);
}

function totals(durationMs: number, seen: SimulationSeen, money: Money): string {
  const lost = seen.lostMs > 0 ? `, ${Math.round(seen.lostMs)} ms de áudio perdidos` : '';
  return `\n${clock(durationMs / 1000)} de áudio: ${counted(seen.utterances.length, 'fala', 'falas')}, ${counted(seen.cards.length, 'consulta', 'consultas')}, ${money.text(costOf(seen))}${lost}`;
}

function summaryOf(file: string, durationMs: number, seen: SimulationSeen): object {
  return {
    ok: seen.lostMs === 0,
    file,
    durationMs: Math.round(durationMs),
    utterances: seen.utterances.map(({ segment, interactionId, text, rules, utterance, outcome }) => ({
      segment,
      interactionId,
      startMs: utterance.startSample / 16,
      endMs: utterance.endSample / 16,
      cutReason: utterance.cutReason,
      text,
      rules,
      status: outcome.status,
      address: outcome.address,
      attempts: outcome.attempts.length,
      costMicroUsd: outcome.costMicroUsd,
    })),
    cards: seen.cards.map(({ interactionId, segments, card, delivery, source, reason, waterfall, costMicroUsd }) => ({
      interactionId,
      segments,
      card,
      delivery,
      source,
      reason,
      waterfall,
      costMicroUsd,
    })),
    costMicroUsd: costOf(seen),
    lostMs: seen.lostMs,
  };
}
