import { setTimeout } from 'node:timers/promises';
import type { Fault } from '../emulators/faults.ts';
import { conversation } from '../helpers/conversation.ts';
import { Child } from './child.ts';
import { type Account, accountOfSessions } from './failover-account.ts';
import type { FailoverVendorQuestions, FaultOrder } from './failover-vendors-child.ts';
import type { LoadQuestions } from './load-child.ts';
import { type Machine, machine, machineLine } from './machine.ts';
import { wavSteps } from './recording.ts';
import type { ServerQuestions } from './server-child.ts';

/** One of the cases that other pipelines lose words in; the letters are those of the research on peers. */
export interface FailoverCase {
  case: string;
  wordsLost: number;
  wordsTwice: number;
  /** Samples (16 kHz) of what was spoken that no answered utterance holds, and what the rows call lost. */
  samplesLost: number;
  /** p99, ms: from the fault, or the deadline of a stall, to the next candidate's first byte; null: nobody else was asked. */
  switchMs: number | null;
}

export interface FailoverFigures {
  machine: Machine;
  cases: FailoverCase[];
}

interface Case {
  name: string;
  title: string;
  /** `BALTO_STT`. */
  stt: string;
  fault: Fault;
  /** The vendor that fails is the first of `stt`. */
  times: number | null;
  counters: number;
  spokenMs: number;
  /** Counters begin spread over so long. */
  spreadMs: number;
  /** The counters leave while the last word is being spoken. */
  leaves?: boolean;
}

const OVER = { counters: 20, spokenMs: 29_000, spreadMs: 5000, times: null };
const CASES: Case[] = [
  {
    ...OVER,
    name: 'A',
    title: 'a vendor of uploads that always fails, before one that streams',
    stt: 'stt/openai,stt/deepgram',
    fault: { kind: 'server_error' },
  },
  {
    ...OVER,
    name: 'B',
    title: 'a stream that dies in mid-utterance, every time',
    stt: 'stt/deepgram,stt/openai',
    fault: { kind: 'die', afterAudioMs: 1500 },
  },
  {
    ...OVER,
    name: 'C',
    title: 'a stream that takes everything and says nothing',
    stt: 'stt/deepgram,stt/xai',
    fault: { kind: 'stall', afterAudioMs: 0 },
  },
  {
    ...OVER,
    name: 'D',
    title: 'a stream that dies once, and nobody else to ask',
    stt: 'stt/deepgram',
    fault: { kind: 'die', afterAudioMs: 1500 },
    times: OVER.counters,
  },
  {
    ...OVER,
    name: 'E',
    title: 'five counters, one after the other, in an outage',
    stt: 'stt/deepgram,stt/openai',
    fault: { kind: 'refuse' },
    counters: 5,
    spreadMs: 20_000,
  },
  {
    ...OVER,
    name: 'F',
    title: 'counters that leave while the vendor dies',
    stt: 'stt/deepgram,stt/openai',
    fault: { kind: 'die', afterAudioMs: 1000 },
    spokenMs: 9840,
    spreadMs: 0,
    leaves: true,
  },
];

/** A counter that falls silent has its utterance cut after 1.5 s. */
const LAST_CUT_MS = 2500;

/** The cases A to F on the whole server, vendors on real sockets in a process of their own. */
export async function failover(say: (line: string) => void): Promise<FailoverFigures> {
  const figures: FailoverFigures = { machine: machine(), cases: [] };
  say(machineLine(figures.machine));
  for (const each of CASES) {
    const account = await runCase(each);
    figures.cases.push({
      case: each.name,
      wordsLost: account.wordsLost,
      wordsTwice: account.wordsTwice,
      samplesLost: account.samplesLost,
      switchMs: account.switchMs,
    });
    say(lines(each, account));
  }
  return figures;
}

async function runCase(order: Case): Promise<Account & { failingVendorRequests: number }> {
  const vendors = new Child<FailoverVendorQuestions>('failover-vendors-child.ts');
  const server = new Child<ServerQuestions>('server-child.ts');
  const load = new Child<LoadQuestions>('load-child.ts');
  try {
    const keys = await vendors.ask('start', null);
    const door = await server.ask('start', { ...keys, BALTO_STT: order.stt, BALTO_LLM: ',' });
    const vendor = order.stt.split(',')[0]?.replace('stt/', '') as FaultOrder['vendor'];
    await vendors.ask('fail', { vendor, fault: order.fault, times: order.times });
    const arrived = server.ask('connected', order.counters);
    await load.ask('connect', { ...door, n: order.counters });
    await arrived;
    await server.ask('begin', { profile: null });
    const ends = wavSteps(order.spokenMs);
    await load.ask('stream', { ends, steps: ends.length, spreadMs: order.spreadMs, file: 'wav' });
    // What was said last is cut by the silence after it; a counter that leaves is cut at once.
    if (!order.leaves) await setTimeout(LAST_CUT_MS);
    await load.ask('disconnect', null);
    await server.ask('idle', null);
    const said = conversation().script.utterances.filter(({ endMs }) => endMs <= order.spokenMs);
    const watched = await server.ask('finish', { utterances: 0, patienceMs: 0 });
    const seen = await vendors.ask('seen', null);
    await server.ask('stop', null);
    return {
      ...accountOfSessions(watched.utterances, { counters: order.counters, said }),
      failingVendorRequests: seen[vendor],
    };
  } finally {
    await load.close();
    await server.close();
    await vendors.close();
  }
}

function lines(order: Case, account: Account & { failingVendorRequests: number }): string {
  const { name, title, counters } = order;
  const {
    words,
    wordsLost,
    wordsTwice,
    samplesLost,
    switches,
    switchMs,
    retryMs,
    paidBy,
    failed,
    failingVendorRequests,
  } = account;
  const switched =
    switchMs === null ? 'nobody else was asked' : `next candidate's first byte p99 ${switchMs} ms (${switches} times)`;
  return [
    `${name}: ${title}`,
    `   ${counters} counters, ${words} words: ${wordsLost} lost, ${wordsTwice} heard twice; ${samplesLost} samples lost`,
    `   ${switched}${retryMs === null ? '' : `; the same one again after p50 ${retryMs} ms`}; ${failed} attempts failed, in ${paidBy} of ${counters} sessions; the failing vendor saw ${failingVendorRequests} requests`,
  ].join('\n');
}
