import { writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { conversation } from '../helpers/conversation.ts';
import { Child } from './child.ts';
import { type Account, accountOfSessions } from './failover-account.ts';
import type { FailoverVendorQuestions } from './failover-vendors-child.ts';
import { countsOf, reportOf } from './faults-report.ts';
import type { LoadQuestions } from './load-child.ts';
import { type Machine, machine, machineLine } from './machine.ts';
import { wavSteps } from './recording.ts';
import type { ServerQuestions, Told } from './server-child.ts';
import type { Hit } from './storm.ts';

export interface FaultsFigures {
  machine: Machine;
  seed: number;
  passes: number;
  counters: number;
  hits: Hit[];
  account: Account;
  /** Speech that the rows call lost, ms. */
  lostMs: number;
  /** How late the process that lets the counters speak was at the worst. */
  lateMs: number;
  /** Utterances by how they ended. */
  statuses: Record<string, number>;
}

export interface FaultsOrder {
  /** Passes are added until so many faults have hit somebody. */
  faults: number;
  seed: number;
  /** Where the report goes, as Markdown. */
  report: string | null;
}

const COUNTERS = 20;
/** Mean time between two faults at one of the three vendors. */
const EVERY_MS = 400;
/** Counters do not speak in step. */
const SPREAD_MS = 10_000;
/** The last utterance is cut 1.5 s after its counter fell silent. */
const LAST_CUT_MS = 2500;
const STT = 'stt/deepgram,stt/openai,stt/xai';

/** Faults of random kind, moment and vendor over the bundled conversation at 20 counters, until `faults` have hit. */
export async function faults(order: FaultsOrder, say: (line: string) => void): Promise<FaultsFigures> {
  const where = machine();
  say(machineLine(where));
  const hits: Hit[] = [];
  const told: Told[] = [];
  let passes = 0;
  let lateMs = 0;
  while (hits.length < order.faults) {
    const pass = await onePass(order.seed + passes);
    passes += 1;
    hits.push(...pass.hits);
    told.push(...pass.told);
    lateMs = Math.max(lateMs, pass.lateMs);
    say(`pass ${passes}: ${pass.hits.length} faults, ${pass.told.length} utterances; ${hits.length} faults so far`);
  }
  const said = conversation().script.utterances;
  const figures: FaultsFigures = {
    machine: where,
    seed: order.seed,
    passes,
    counters: COUNTERS,
    hits,
    account: accountOfSessions(told, { counters: COUNTERS * passes, said }),
    lateMs,
    lostMs: told.reduce((sum, { lostMs }) => sum + lostMs, 0),
    statuses: countsOf(told.map(({ status }) => status)),
  };
  const report = reportOf(figures);
  say(report);
  if (order.report !== null) await writeFile(order.report, report);
  return figures;
}

async function onePass(seed: number): Promise<{ hits: Hit[]; told: Told[]; lateMs: number }> {
  const vendors = new Child<FailoverVendorQuestions>('failover-vendors-child.ts');
  const server = new Child<ServerQuestions>('server-child.ts');
  const load = new Child<LoadQuestions>('load-child.ts');
  try {
    const keys = await vendors.ask('start', null);
    const door = await server.ask('start', { ...keys, BALTO_STT: STT, BALTO_LLM: ',' });
    const arrived = server.ask('connected', COUNTERS);
    await load.ask('connect', { ...door, n: COUNTERS });
    await arrived;
    await server.ask('begin', { profile: null });
    await vendors.ask('storm', { seed, everyMs: EVERY_MS });
    const ends = wavSteps(conversation().script.durationMs);
    const { lateMs } = await load.ask('stream', { ends, steps: ends.length, spreadMs: SPREAD_MS, file: 'wav' });
    await setTimeout(LAST_CUT_MS);
    const hits = await vendors.ask('calm', null);
    await load.ask('disconnect', null);
    await server.ask('idle', null);
    const { utterances } = await server.ask('finish', { utterances: 0, patienceMs: 0 });
    await server.ask('stop', null);
    return { hits, told: utterances, lateMs };
  } finally {
    await load.close();
    await server.close();
    await vendors.close();
  }
}
