import t, { type Test } from 'tap';
import type { Attempt } from '../../core/runtime/types.ts';
import type { Interaction } from '../../core/store/interaction.ts';
import { type Fault, startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { candidateOf, connectCounter, forgive, type RunningBalto, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { pcmBetween, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

/** Three utterances: the second lasts from 4.4 s to 9.9 s of what a stream is given. */
const UNTIL_MS = 14_200;
const SPOKEN = spokenUntil(UNTIL_MS);

/** One ledger over both vendors: what one was given and the other answered is still heard. */
const coverage = new Coverage(await wavReference());
const deepgram = await startDeepgram({ listening: coverage });
const elevenlabs = await startElevenLabs({ listening: coverage });
const house = await startBalto(t, { vendors: { deepgram, elevenlabs }, env: { MOCK_RECOMMENDATION: '1' } });

interface Told {
  seen: Seen;
  rows: Interaction[];
}

/** One counter says the three sentences and hangs up once they are answered. */
async function conversationWith({ ws, apiKey, observer, rows }: RunningBalto): Promise<Told> {
  const seen = new Seen(observer);
  const counter = await connectCounter(ws, apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  counter.say({ comando: 'fim' });
  await seen.until(({ utterances }) => utterances.length === SPOKEN.length);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const session = seen.utterances[0]?.sessionId;
  return { seen, rows: (await rows()).filter(({ sessionId }) => sessionId === session) };
}

function attemptsOf(row: Interaction | undefined): Attempt[] {
  return (row?.decision as { attempts?: Attempt[] } | null)?.attempts ?? [];
}

async function heals(): Promise<void> {
  await deepgram.setFault(null);
  await elevenlabs.setFault(null);
  coverage.clear();
  forgive(house.balto, 'stt/deepgram', 'stt/elevenlabs');
}

function heardWhole(t: Test, { seen, rows }: Told): void {
  t.equal(seen.text, textOf(SPOKEN), 'every word once, in the order spoken');
  t.same(coverage.report({ within: rangesOf(SPOKEN) }).missing, []);
  t.same(seen.lost, []);
  t.same(
    rows.map(({ segment, interactionType }) => [segment, interactionType]),
    SPOKEN.map((_, index) => [index + 1, 'valid']),
  );
}

t.test('with all well the streaming vendor hears everything, and says so while people speak', async (t) => {
  await heals();
  const told = await conversationWith(house);
  heardWhole(t, told);
  t.same(new Set(told.rows.map(({ sttModel }) => sttModel)), new Set(['deepgram']));
  t.ok(told.seen.partials.length > 0);
  t.same(coverage.report({ within: rangesOf(SPOKEN) }).heardTwice, [], 'and hears nothing twice');
});

const FAULTS: { name: string; fault: Fault; row: number; code: string | RegExp }[] = [
  { name: 'killed in mid-utterance', fault: { kind: 'die', afterAudioMs: 6500 }, row: 2, code: 'connection' },
  { name: 'dying at the first frame', fault: { kind: 'die', afterAudioMs: 1 }, row: 1, code: 'connection' },
  {
    name: 'closing with 1011',
    fault: { kind: 'die', afterAudioMs: 5000, code: 1011 },
    row: 2,
    code: /connection|server/,
  },
  { name: 'silent after accepting', fault: { kind: 'stall', afterAudioMs: 0 }, row: 1, code: 'timeout' },
  { name: 'going silent in mid-utterance', fault: { kind: 'stall', afterAudioMs: 6500 }, row: 2, code: 'timeout' },
  { name: '401', fault: { kind: 'auth' }, row: 1, code: 'auth' },
  { name: '429', fault: { kind: 'rate_limited' }, row: 1, code: 'rate_limited' },
  { name: 'an error inside the stream', fault: { kind: 'error_frame', afterAudioMs: 6500 }, row: 2, code: 'server' },
  { name: 'the port is closed', fault: { kind: 'refuse' }, row: 1, code: 'connection' },
];

for (const { name, fault, row: segment, code } of FAULTS) {
  t.test(`${name}: the batch vendor answers, not a word is lost`, async (t) => {
    await heals();
    await deepgram.setFault(fault);
    const told = await conversationWith(house);
    heardWhole(t, told);
    const row = told.rows.find((each) => each.segment === segment);
    const attempts = attemptsOf(row);
    t.match(attempts[0], { address: 'stt/deepgram', outcome: 'failed', error: { code } });
    t.match(attempts.at(-1), { address: 'stt/elevenlabs', outcome: 'answered' });
    t.equal(row?.sttModel, 'elevenlabs');
  });
}

t.test('the line to the vendor is cut while the second sentence is spoken', async (t) => {
  await heals();
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(8000));
  await seen.until(({ partials }) => partials.some(({ segment, text }) => segment === 2 && text !== ''));
  await deepgram.setFault({ kind: 'refuse' });
  await streamFile(counter.socket, pcmBetween(8000, UNTIL_MS));
  counter.say({ comando: 'fim' });
  await seen.until(({ utterances }) => utterances.length === SPOKEN.length);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const session = seen.utterances[0]?.sessionId;
  const rows = (await house.rows()).filter(({ sessionId }) => sessionId === session);
  heardWhole(t, { seen, rows });
  t.same(
    rows.map(({ sttModel }) => sttModel),
    ['deepgram', 'elevenlabs', 'elevenlabs'],
  );
  t.ok((attemptsOf(rows[1]).at(-1)?.replayedMs ?? 0) > 500, 'what the dead vendor had been given was given again');
});

t.test('a vendor that asked for a second of rest gets the utterance after it', async (t) => {
  await heals();
  await deepgram.setFault({ kind: 'rate_limited', retryAfter: '1' }, 1);
  const first = await conversationWith(house);
  t.equal(attemptsOf(first.rows[0])[0]?.error?.code, 'rate_limited');
  const restsUntil = house.balto.providers.health.restsUntilMs(candidateOf(house.balto, 'stt/deepgram'));
  await new Promise((done) => setTimeout(done, Math.max(0, restsUntil - performance.now())));
  const second = await conversationWith(house);
  t.same(new Set(second.rows.map(({ sttModel }) => sttModel)), new Set(['deepgram']));
});

t.test('with every vendor down the words wait, and are answered when one is back', async (t) => {
  await heals();
  await deepgram.setFault({ kind: 'server_error' });
  await elevenlabs.setFault({ kind: 'server_error' });
  const told = conversationWith(house);
  // Two tries each: what is asked after them belongs to a second round.
  for (let asked = 0; asked < 2 * SPOKEN.length + 1; asked++) await elevenlabs.nextRequest();
  await elevenlabs.setFault(null);
  heardWhole(t, await told);
});

/** A counter says one sentence while every vendor is down, and hangs up once that is known. */
async function leavesInOutage(t: Test): Promise<Seen> {
  await heals();
  await deepgram.setFault({ kind: 'refuse' });
  await elevenlabs.setFault({ kind: 'server_error' });
  const seen = new Seen(house.observer);
  const asked = elevenlabs.nextRequest();
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(5500));
  await asked;
  t.same(seen.lost, [], 'nothing is lost while somebody may still answer');
  counter.socket.close();
  return seen;
}

t.test('a counter that leaves while every vendor is down: its words wait until one is back', async (t) => {
  const seen = await leavesInOutage(t);
  for (let asked = 0; asked < 3; asked++) await elevenlabs.nextRequest();
  await elevenlabs.setFault(null);
  await seen.until(({ closed }) => closed === 1);
  t.same(seen.lost, []);
  t.equal(seen.text, textOf(SPOKEN.slice(0, 1)));
});

t.test('a process that ends while every vendor is down loses what is unanswered, and says so', async (t) => {
  const seen = await leavesInOutage(t);
  await elevenlabs.nextRequest();
  await house.balto.close();
  const lostMs = seen.utterances[0]?.outcome.lostMs;
  t.ok((lostMs ?? 0) > 2000);
  t.same(
    seen.lost.map((lost) => [lost.segment, lost.lostMs]),
    [[1, lostMs]],
  );
});
