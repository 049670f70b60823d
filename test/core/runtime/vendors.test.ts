import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { configuredProviders } from '../../../core/registry/configured.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { Egress } from '../../../core/runtime/egress.ts';
import { ProviderInstances } from '../../../core/runtime/instances.ts';
import { Latencies } from '../../../core/runtime/latencies.ts';
import { loadPrices } from '../../../core/runtime/prices.ts';
import { systemClock } from '../../../core/runtime/provider-context.ts';
import { ProviderHealth } from '../../../core/runtime/provider-health.ts';
import { BlockPool } from '../../../core/runtime/ring.ts';
import { SttRunner } from '../../../core/runtime/stt-runner.ts';
import { vendor as deepgram } from '../../../plugins/deepgram/config.ts';
import { deepgramStt } from '../../../plugins/deepgram/stt.ts';
import { vendor as elevenLabs } from '../../../plugins/elevenlabs/config.ts';
import { elevenLabsStt } from '../../../plugins/elevenlabs/stt.ts';
import { startDeepgram } from '../../emulators/deepgram.ts';
import { startElevenLabs } from '../../emulators/elevenlabs.ts';
import type { Fault } from '../../emulators/faults.ts';
import { EMULATOR_KEY } from '../../emulators/server.ts';
import { keptLog, spoken } from '../../helpers/provider.ts';
import { byList } from '../../helpers/routing.ts';
import { FACTS } from '../../helpers/runtime-house.ts';
import { wordListening } from '../../helpers/word-listening.ts';

const WORDS = Array.from({ length: 12 }, (_, index) => index + 1);
const TEXT = WORDS.map((word) => `p${word}`).join(' ');

/** The streaming vendor first, the batch vendor behind it, both over real sockets. */
async function arrange(test: Test, addresses = ['stt/deepgram', 'stt/elevenlabs']) {
  const streaming = await startDeepgram({ listening: wordListening });
  const batch = await startElevenLabs({ listening: wordListening });
  const registry = new Registry();
  registry.register(deepgram, [deepgramStt]);
  registry.register(elevenLabs, [elevenLabsStt]);
  const configured = configuredProviders(registry, 'stt', addresses, {
    DEEPGRAM_API_KEY: EMULATOR_KEY,
    DEEPGRAM_BASE_URL: streaming.url,
    ELEVENLABS_API_KEY: EMULATOR_KEY,
    ELEVENLABS_BASE_URL: batch.url,
  });
  const log = keptLog();
  const clock = systemClock;
  const instances = new ProviderInstances({
    registry,
    clock,
    log,
    egress: new Egress(),
  });
  const runner = new SttRunner({
    route: byList({ registry, configured }),
    instances,
    health: new ProviderHealth({ clock, log }),
    latencies: new Latencies(),
    pool: new BlockPool(),
    prices: loadPrices({ clock, log }),
    clock,
    log,
    options: { language: 'pt-BR', words: true },
  });
  test.teardown(async () => {
    await runner.close();
    await instances.close();
    await Promise.all([streaming.close(), batch.close()]);
  });
  return { runner, streaming, batch, log };
}

/** Speaks the words, thirty times faster than a person would; `halfWay` happens after the sixth. */
async function say(
  runner: SttRunner,
  segment: number,
  halfWay: () => void | Promise<void> = () => undefined,
  words = WORDS,
) {
  const feed = runner.begin(segment).feed;
  const { pcm } = spoken(words);
  for (let at = 0; at < pcm.length; at += 480) {
    feed.push(pcm.subarray(at, at + 480));
    if (at === 48_000) await halfWay();
    if (at % 4800 === 0) await sleep(10);
  }
  return feed.end(FACTS);
}

t.test('both vendors well: streamed, each word once, priced', async (t) => {
  const { runner, streaming, batch } = await arrange(t);
  for (const segment of [1, 2]) {
    const outcome = await say(runner, segment);
    t.match(outcome, { status: 'answered', vendor: 'deepgram', transcript: { text: TEXT }, lostMs: 0 });
    t.equal(outcome.costMicroUsd, 480, '6 s at US$ 0.0048 a minute');
    t.ok((outcome.transcript?.words?.[0]?.startMs ?? -1) < 500);
  }
  t.equal(streaming.requests.length, 1, 'one connection for both');
  t.equal(batch.requests.length, 0);
});

for (const [address, vendor, costMicroUsd] of [
  // 40 ms more than was said: the last message is filled to the vendor's 100 ms.
  ['stt/elevenlabs:scribe_v2_realtime', 'elevenlabs', 167],
  ['stt/deepgram:flux-general-multi', 'deepgram', 195],
] as const) {
  t.test(`${address}: streamed, each word once, priced, in its language`, async (t) => {
    const { runner, streaming, batch } = await arrange(t, [address, 'stt/elevenlabs']);
    for (const segment of [1, 2]) {
      const outcome = await say(runner, segment, undefined, [1, 2, 3]);
      const transcript = { text: 'p1 p2 p3', model: address.split(':')[1], language: 'pt' };
      t.match(outcome, { status: 'answered', vendor, transcript, lostMs: 0 });
      t.ok(Math.abs(outcome.costMicroUsd - costMicroUsd) <= 1, `${outcome.costMicroUsd} for 1.5 s`);
    }
    const requests = vendor === 'deepgram' ? streaming.requests : batch.requests;
    t.equal(requests.length, 2, 'a stream that nothing keeps alive is closed after each utterance');
  });
}

const faults: [string, Fault][] = [
  ['the port is closed', { kind: 'refuse' }],
  ['the key is refused', { kind: 'auth' }],
  ['the vendor is down', { kind: 'server_error' }],
  ['the stream closes in mid-utterance', { kind: 'die', afterAudioMs: 3000, code: 1011 }],
  ['an error comes inside the stream', { kind: 'error_frame', afterAudioMs: 2000 }],
  ['the stream speaks gibberish', { kind: 'malformed_frame' }],
];
for (const [what, fault] of faults) {
  t.test(`${what}: the batch vendor hears every word`, async (t) => {
    const { runner, streaming, log } = await arrange(t);
    await streaming.setFault(fault);
    const outcome = await say(runner, 1);
    t.match(outcome, { status: 'answered', vendor: 'elevenlabs', transcript: { text: TEXT }, lostMs: 0 });
    t.equal(outcome.attempts[0]?.outcome, 'failed');
    t.notMatch(log.lines.join(), EMULATOR_KEY);
  });
}

t.test('the socket vanishes while the customer speaks', async (t) => {
  const { runner, streaming } = await arrange(t);
  const outcome = await say(runner, 1, async () => {
    await streaming.setFault({ kind: 'refuse' });
    streaming.dropConnections();
  });
  t.match(outcome, { status: 'answered', vendor: 'elevenlabs', transcript: { text: TEXT }, lostMs: 0 });
  t.ok((outcome.attempts.at(-1)?.replayedMs ?? 0) > 2000);
});

t.test('finals sent twice and acknowledgements that never come change no word', async (t) => {
  const { runner, streaming } = await arrange(t);
  for (const [index, kind] of (['duplicate_finals', 'no_finalize_ack', 'unknown_messages'] as const).entries()) {
    await streaming.setFault({ kind });
    const outcome = await say(runner, index + 1);
    t.match(outcome, { status: 'answered', transcript: { text: TEXT } }, kind);
    streaming.dropConnections();
  }
});
