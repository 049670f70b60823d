import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ProviderError } from '../../core/contracts/index.ts';
import type { Routed } from '../../core/runtime/types.ts';
import { tones } from '../helpers/ear.ts';
import { RuntimeHouse } from '../helpers/runtime-house.ts';
import { talkingCounter } from '../helpers/talking-counter.ts';
import { instantStt } from './instant-stt.ts';

/** What one session holds, hour by hour. */
export interface Hours {
  utterances: number;
  /** After garbage collection at the end of each hour: JavaScript's heap, and buffers outside of it, MiB. */
  hours: { hour: number; heapMb: number; buffersMb: number }[];
  /** Hour 8 less hour 1, KiB. */
  grownKb: number;
}

const HOURS = 8;
/** Of one turn: 3 s of speech in 10 s. */
const TURN_S = 10;
const TURN = tones([0.5, 0], [3, 0.3], [6.5, 0]);

/**
 * Eight hours of one counter's session in half a minute: ear, runtime, context and cards are the server's own; the clock
 * goes when it is told to. Every other utterance is streamed, three in ten meet a fault, one in ten is heard by a second
 * provider as well, and slow ones are hedged.
 */
export async function hours(say: (line: string) => void): Promise<Hours> {
  let turn = 0;
  const house = new RuntimeHouse([
    instantStt('a', {
      streaming: false,
      before: () => {
        if (turn % 10 === 2) throw new ProviderError({ code: 'server', message: 'falha encenada' });
        return turn % 10 === 4 ? new Promise(() => undefined) : undefined;
      },
    }),
    instantStt('b', { streaming: false }),
    instantStt('s', {
      streaming: true,
      before: () => {
        if (turn % 10 === 5) throw new ProviderError({ code: 'connection', message: 'falha encenada' });
      },
    }),
  ]);
  const teardowns: (() => unknown)[] = [];
  const runner = house.runner({}, () => routed(house, turn));
  const counter = talkingCounter(
    { teardown: (undo) => void teardowns.push(undo) },
    { clock: house.clock, transcriber: () => runner },
  );
  const rows: Hours['hours'] = [];
  let utterances = 0;
  for (let hour = 1; hour <= HOURS; hour++) {
    for (let second = 0; second < 3600; second += TURN_S) {
      turn += 1;
      await counter.says(TURN);
      utterances += counter.entries.filter(({ type }) => type === 'interaction').length;
      // What the test itself keeps is not the session's.
      for (const kept of [counter.entries, counter.cards, counter.transport.sent, counter.log.lines]) kept.length = 0;
      for (const kept of [house.attempts, house.partials, house.log.lines]) kept.length = 0;
    }
    rows.push({ hour, ...(await held()) });
    say(`hour ${hour}: heap ${rows.at(-1)?.heapMb} MB, buffers ${rows.at(-1)?.buffersMb} MB`);
  }
  await counter.conversation.end('disconnect');
  for (const undo of teardowns) await undo();
  const total = (row: Hours['hours'][number] | undefined) => (row?.heapMb ?? 0) + (row?.buffersMb ?? 0);
  const grownKb = Math.round((total(rows.at(-1)) - total(rows[0])) * 1024);
  say(`${utterances} utterances; grown from hour 1 to hour 8: ${grownKb} KiB`);
  return { utterances, hours: rows, grownKb };
}

function routed(house: RuntimeHouse, turn: number): Routed {
  const { decision } = house.routed(turn % 2 === 0 ? 'segment' : 'stream');
  return {
    decision: { ...decision, hedge: true, shadow: { address: 'stt/b', share: turn % 10 === 0 ? 1 : 0 } },
    candidates: [house.candidate(turn % 2 === 0 ? 'stt/a' : 'stt/s'), house.candidate('stt/b')],
    shadow: house.candidate('stt/b'),
  };
}

async function held(): Promise<{ heapMb: number; buffersMb: number }> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let times = 0; times < 3; times++) {
    collect();
    await new Promise(setImmediate);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const mb = (bytes: number) => Number((bytes / 1048576).toFixed(2));
  return { heapMb: mb(heapUsed), buffersMb: mb(arrayBuffers) };
}
