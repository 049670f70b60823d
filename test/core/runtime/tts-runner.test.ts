import t from 'tap';
import { Type } from 'typebox';
import type { ProviderManifest, Tts, TtsCapabilities, TtsEvent } from '../../../core/contracts/index.ts';
import { TtsRunner } from '../../../core/runtime/tts-runner.ts';
import { RuntimeHouse } from '../../helpers/runtime-house.ts';
import { fault, never } from '../../helpers/scripted-provider.ts';

const ABLE: TtsCapabilities = {
  streaming: true,
  languages: ['pt'],
  encodings: ['pcm_s16le'],
  sampleRates: [16_000],
  maxChars: 100,
  region: 'local',
};
const HELLO = { text: 'Bom dia!', language: 'pt-BR', encoding: 'pcm_s16le', sampleRateHz: 16_000 } as const;
const SOUND: TtsEvent = { type: 'audio', bytes: new Uint8Array(320) };
const USED: TtsEvent = { type: 'usage', usage: [{ unit: 'character', quantity: 8, of: 'text_in', model: 'm1' }] };

type Synthesize = Tts['synthesize'];

function voice(id: string, synthesize: Synthesize, able: Partial<TtsCapabilities> = {}): ProviderManifest<'tts'> {
  return {
    kind: 'tts',
    vendor: id,
    id,
    title: id,
    settings: Type.Object({ model: Type.String({ default: 'm1' }) }),
    models: ['m1'],
    capabilities: { ...ABLE, ...able },
    create: () => ({ synthesize }),
  };
}

const speaks = (...events: TtsEvent[]): Synthesize =>
  async function* () {
    yield* events;
  };
const breaks = (error: unknown, ...events: TtsEvent[]): Synthesize =>
  async function* () {
    yield* events;
    throw error;
  };
const hangs = (...events: TtsEvent[]): Synthesize =>
  async function* () {
    yield* events;
    await never();
  };

function house(...voices: ProviderManifest<'tts'>[]) {
  const runtime = new RuntimeHouse(voices);
  const runner = new TtsRunner(runtime);
  const candidates = runtime.configured.map(({ address }) => runtime.candidate(address));
  const heard: number[] = [];
  const marks: [string, number][] = [];
  const ask = (signal = new AbortController().signal) =>
    runtime.clock.until(
      runner.speak(candidates, HELLO, {
        signal,
        onAudio: (bytes) => void heard.push(bytes.length),
        onMark: (...mark) => void marks.push(mark),
      }),
    );
  return { runtime, runner, candidates, heard, marks, ask };
}

t.test('a text is spoken, with its words, what it cost in and by whom', async (t) => {
  const { ask, heard, marks } = house(
    voice('a', speaks({ type: 'mark', text: 'Bom', startMs: 0 }, SOUND, SOUND, USED)),
  );
  const outcome = await ask();
  t.match(outcome, { status: 'answered', address: 'tts/a', model: 'm1', bytes: 640 });
  t.match(outcome.attempts, [{ outcome: 'answered', usage: [{ unit: 'character', quantity: 8 }] }]);
  t.same([heard, marks], [[320, 320], [['Bom', 0]]]);
});

const mute: [string, Synthesize, string][] = [
  ['refuses', breaks(fault('server')), 'server'],
  ['has a bug', breaks(new TypeError('x')), 'protocol'],
  ['never begins', hangs(), 'timeout'],
  ['sends words and never a sound', hangs({ type: 'mark', text: 'Bom', startMs: 0 }, USED), 'timeout'],
  ['ends without a sound', speaks(USED), 'empty'],
  ['answers with something else', speaks({ type: 'audio', bytes: 'som' } as never), 'protocol'],
];
for (const [what, synthesize, code] of mute) {
  t.test(`one that ${what}: the next one says all of it, and nobody heard the change`, async (t) => {
    const { ask, heard, runtime } = house(voice('a', synthesize), voice('b', speaks(SOUND)));
    const outcome = await ask();
    t.match(outcome, { status: 'answered', address: 'tts/b', bytes: 320 });
    t.match(outcome.attempts, [{ address: 'tts/a', outcome: 'failed', error: { code } }, { outcome: 'answered' }]);
    t.same(heard, [320]);
    t.equal(runtime.clock.pending, 0, 'nothing is left behind');
    if (code === 'timeout') t.equal(runtime.clock.now(), 3000, 'however many marks came');
  });
}

for (const [what, synthesize] of [
  ['breaks', breaks(fault('connection'), SOUND, USED)],
  ['stalls', hangs(SOUND, USED)],
] as const) {
  t.test(
    `one that ${what} in mid-word is told to the caller: no other voice goes on, and what was billed counts`,
    async (t) => {
      const { ask, heard } = house(voice('a', synthesize), voice('b', speaks(SOUND)));
      const outcome = await ask();
      t.match(outcome, { status: 'cut', address: 'tts/a', bytes: 320 });
      t.match(outcome.attempts, [{ outcome: 'failed', usage: [{ quantity: 8 }] }]);
      t.equal(outcome.attempts.length, 1);
      t.same(heard, [320]);
    },
  );
}

t.test('a voice without end is cut at what the slowest reader would need', async (t) => {
  const second: TtsEvent = { type: 'audio', bytes: new Uint8Array(32_000) };
  const { ask } = house(
    voice('a', async function* () {
      for (;;) yield second;
    }),
  );
  const outcome = await ask();
  t.match(outcome, { status: 'cut', attempts: [{ error: { code: 'output' } }] });
  t.equal(outcome.bytes, 15 * 32_000, '8 characters of half a second, 10 s of grace, and the piece that was too much');
});

t.test('one that cannot say it is passed over, and nothing is held against it', async (t) => {
  const { ask, runtime, candidates } = house(
    voice('a', speaks(SOUND), { languages: ['en'] }),
    voice('b', speaks(SOUND), { maxChars: 3 }),
    voice('c', speaks(SOUND), { encodings: ['mulaw'] }),
  );
  t.match(await ask(), { status: 'no_provider', attempts: [] });
  t.ok(candidates.every((each) => runtime.health.restsUntilMs(each) === 0));
});

t.test('one that fails on and on rests: the next one is asked first', async (t) => {
  let asked = 0;
  const { ask } = house(
    voice('a', () => {
      asked += 1;
      throw fault('server');
    }),
    voice('b', speaks(SOUND)),
  );
  for (let index = 0; index < 20; index++) t.equal((await ask()).address, 'tts/b');
  t.ok(asked < 10, `${asked} of 20`);
});

t.test('who interrupts is obeyed at once, and the fault is nobody’s', async (t) => {
  const { ask, runtime, candidates } = house(voice('a', hangs(SOUND)), voice('b', speaks(SOUND)));
  const stop = new AbortController();
  const speaking = ask(stop.signal);
  stop.abort();
  t.match(await speaking, { attempts: [{ outcome: 'aborted' }] });
  t.equal(runtime.health.restsUntilMs(candidates[0] as never), 0);
});

t.test('what the caller throws is the caller’s', async (t) => {
  const { runner, candidates, runtime } = house(voice('a', speaks(SOUND)));
  const mine = new Error('the line is gone');
  const speaking = runner.speak(candidates, HELLO, {
    signal: new AbortController().signal,
    onAudio: () => Promise.reject(mine),
  });
  await t.rejects(runtime.clock.until(speaking), mine);
  t.equal(runtime.clock.pending, 0);
});
