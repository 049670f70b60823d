import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Child } from './child.ts';
import { type Expected, expectedOf, lostOf } from './expected.ts';
import type { FloorQuestions } from './floor-child.ts';
import type { LoadQuestions } from './load-child.ts';
import { type Machine, machine, machineLine } from './machine.ts';
import { type Pace, recorderSteps, STEP_MS } from './recording.ts';
import type { ServerQuestions, Told, Watched } from './server-child.ts';

/** One row of the answer; the names are those that people look for. */
export interface StreamFigures {
  n: number;
  msPerAudioSecond: number;
  floorMsPerAudioSecond: number;
  ratio: number;
  rssMbPerStream: number;
  loopP99Ms: number;
  lost: number;
}

export interface ChainFigures {
  machine: Machine;
  streams: StreamFigures[];
}

/** What a row rests on, for people. */
interface Detail {
  expected: Expected;
  /** Of the server's CPU, the main thread's, per second of audio. */
  mainThreadMs: number;
  floorMainThreadMs: number;
  floorLoopP99Ms: number;
  /** How late the load was with its latest step: over a second it is the load that was measured. */
  lateMs: number;
  loopMaxMs: number;
  utterances: number;
  degraded: number;
}

export interface ChainOrder {
  counts: number[];
  seconds: number;
  /** Folder for profiles of floor and server; they cost, so the figures are then not to be quoted. */
  profileTo: string | null;
}

/** One counter is heard and gone before memory is looked at: two utterances, through all of the server. */
const FIRST_STEPS = 48;
/** Then all stream; so long, in ms, nothing is measured: code is compiled, and compiled again. */
const WARM_UP_MS = 20_000;
/** The last utterance is cut 1.5 s after its counter fell silent. */
const PATIENCE_MS = 15_000;

/** The server's settings: the cleaner works for STT, as it does in the floor; nobody transcribes. */
const SERVER_ENV = { CLEANER_FOR_STT: '1', BALTO_STT: 'stt/elevenlabs', BALTO_LLM: 'llm/xai' };

/** From the socket to the utterance at `counts` streams, against the same libraries bare. */
export async function chain(order: ChainOrder, say: (line: string) => void): Promise<ChainFigures> {
  const figures: ChainFigures = { machine: machine(), streams: [] };
  say(machineLine(figures.machine));
  const ends = await recorderSteps();
  const steps = Math.min(ends.length, Math.floor((WARM_UP_MS + order.seconds * 1000) / STEP_MS));
  const pace: Pace = { ends, steps, spreadMs: 0 };
  const expected = await expectedOf(ends, steps);
  for (const n of order.counts) {
    const floor = await floorOf(n, pace, profileAt(order, `floor-${n}`));
    const server = await serverOf(n, pace, expected.utterances.length, profileAt(order, `server-${n}`));
    const audioS = (n * (steps * STEP_MS - WARM_UP_MS)) / 1000;
    const { measured, rssBeforeMb, utterances } = server;
    const row: StreamFigures = {
      n,
      msPerAudioSecond: round(measured.cpuMs / audioS),
      floorMsPerAudioSecond: round(floor.cpuMs / audioS),
      ratio: round(measured.cpuMs / floor.cpuMs),
      rssMbPerStream: round((measured.rssMb - rssBeforeMb) / n),
      loopP99Ms: round(measured.loopP99Ms),
      lost: lostAt(n, expected, utterances),
    };
    figures.streams.push(row);
    say(
      lines(row, {
        expected,
        mainThreadMs: measured.mainThreadMs / audioS,
        floorMainThreadMs: floor.mainThreadMs / audioS,
        floorLoopP99Ms: floor.loopP99Ms,
        lateMs: server.lateMs,
        loopMaxMs: measured.loopMaxMs,
        utterances: utterances.length,
        degraded: server.degraded,
      }),
    );
  }
  return figures;
}

function profileAt({ profileTo }: ChainOrder, name: string): string | null {
  return profileTo === null ? null : join(profileTo, `${name}.cpuprofile`);
}

async function floorOf(n: number, pace: Pace, profile: string | null) {
  const child = new Child<FloorQuestions>('floor-child.ts');
  try {
    await child.ask('prepare', n);
    return await child.ask('run', { n, pace, warmUpMs: WARM_UP_MS, profile });
  } finally {
    await child.close();
  }
}

async function serverOf(
  n: number,
  pace: Pace,
  perStream: number,
  profile: string | null,
): Promise<Watched & { lateMs: number }> {
  const server = new Child<ServerQuestions>('server-child.ts');
  const load = new Child<LoadQuestions>('load-child.ts');
  try {
    const door = await server.ask('start', SERVER_ENV);
    const connect = async (count: number) => {
      const arrived = server.ask('connected', count);
      await load.ask('connect', { ...door, n: count });
      await arrived;
    };
    await connect(1);
    await load.ask('stream', { ...pace, steps: Math.min(pace.steps, FIRST_STEPS) });
    await load.ask('disconnect', null);
    await server.ask('idle', null);
    await connect(n);
    const streaming = load.ask('stream', pace);
    await setTimeout(WARM_UP_MS);
    await server.ask('begin', { profile });
    const { lateMs } = await streaming;
    const watched = await server.ask('finish', { utterances: n * perStream, patienceMs: PATIENCE_MS });
    await load.ask('disconnect', null);
    await server.ask('idle', null);
    await server.ask('stop', null);
    return { ...watched, lateMs };
  } finally {
    await load.close();
    await server.close();
  }
}

function lostAt(n: number, expected: Expected, utterances: Told[]): number {
  const sessions = [...Map.groupBy(utterances, ({ sessionId }) => sessionId).values()];
  const unheard = (n - sessions.length) * expected.utterances.length;
  return sessions.reduce((lost, spans) => lost + lostOf(expected.utterances, spans), unheard);
}

function lines(row: StreamFigures, detail: Detail): string {
  const { expected } = detail;
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  return [
    `${String(row.n).padStart(4)} streams: ${row.msPerAudioSecond} ms of CPU per second of audio, floor ${row.floorMsPerAudioSecond}: ratio ${row.ratio}`,
    `             main thread ${round(detail.mainThreadMs)} (floor ${round(detail.floorMainThreadMs)}); the ear showed the VAD ${percent(expected.vadShare)} and the cleaner ${percent(expected.cleanerShare)} of the audio, the floor all of it`,
    `             ${row.rssMbPerStream} MB a stream; event loop p99 ${row.loopP99Ms} ms, worst ${round(detail.loopMaxMs)} (floor p99 ${round(detail.floorLoopP99Ms)})`,
    `             ${detail.utterances} utterances of ${row.n * expected.utterances.length}, lost ${row.lost}; load at most ${Math.round(detail.lateMs)} ms late; load average now ${machine().loadAverage}`,
    ...(detail.degraded > 0
      ? [
          `             NOT COMPARABLE: ${detail.degraded} VADs were replaced, the machine was too slow to answer in time`,
        ]
      : []),
  ].join('\n');
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
