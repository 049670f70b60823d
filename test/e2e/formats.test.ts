import t, { type Test } from 'tap';
import { startElevenLabs } from '../emulators/index.ts';
import { Coverage, type CoverageReference } from '../emulators/listening/coverage.ts';
import type { Heard, HeardStream, Listening } from '../emulators/listening/index.ts';
import { wavReference, webmReference } from '../emulators/listening/references.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { conversation, type Script, streamFile, webmScript } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { pcmBetween, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

/** Three utterances and the pause after them. */
const UNTIL_MS = 14_200;

/** Hears by whichever reference the test at hand streams. */
class SwitchableListening implements Listening {
  coverage: Coverage;
  constructor(coverage: Coverage) {
    this.coverage = coverage;
  }
  transcribe(pcm: Int16Array, rate: number): Heard {
    return this.coverage.transcribe(pcm, rate);
  }
  openStream(rate: number): HeardStream {
    return this.coverage.openStream(rate);
  }
}

const references = { wav: await wavReference(), webm: await webmReference() };
const listening = new SwitchableListening(new Coverage(references.wav));
const elevenlabs = await startElevenLabs({ listening });
const house = await startBalto(t, { vendors: { elevenlabs }, env: { MOCK_RECOMMENDATION: '1' } });

interface Sent {
  bytes: Uint8Array;
  /** Bytes of each message, in turn; the last one for all that follow. */
  chunks: number[];
  handshake?: object;
}

/** Streams it all, says `fim`, hangs up once `text` was heard; the ledger of what STT was given stays in `listening`. */
async function stream(reference: CoverageReference, sent: Sent[], text: string): Promise<Seen> {
  listening.coverage = new Coverage(reference);
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey, sent[0]?.handshake);
  for (const { bytes, chunks } of sent) {
    let at = 0;
    for (const [index, chunkBytes] of chunks.entries()) {
      const isLast = index === chunks.length - 1;
      const end = isLast ? bytes.length : Math.min(bytes.length, at + STRETCH_BYTES);
      await streamFile(counter.socket, bytes.subarray(at, end), { chunkBytes });
      at = end;
    }
  }
  counter.say({ comando: 'fim' });
  await seen.until((now) => now.text.length >= text.length);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  return seen;
}

/** How long a stretch of one chunk size lasts before the next size begins. */
const STRETCH_BYTES = 3000;

/** What a file of changing bit rate holds after `spoken` is not the test's business. */
function heardWhole(t: Test, seen: Seen, spoken: Script['utterances']): void {
  t.equal(seen.text.slice(0, textOf(spoken).length), textOf(spoken));
  const report = listening.coverage.report({ within: rangesOf(spoken) });
  t.same(report.missing, []);
  t.same(report.heardTwice, []);
  t.equal(report.unknownSamples, 0);
}

t.test('WebM as a recorder makes it: a byte a frame for a stretch, then a quarter of a second', async (t) => {
  const { webm, script } = conversation();
  const moved = webmScript(script);
  const spoken = spokenUntil(UNTIL_MS, moved);
  const bytesPerMs = webm.length / moved.durationMs;
  const bytes = webm.subarray(0, Math.ceil((UNTIL_MS + 1200) * bytesPerMs));
  const seen = await stream(references.webm, [{ bytes, chunks: [1, Math.round(250 * bytesPerMs)] }], textOf(spoken));
  t.same(seen.formats, ['webm']);
  heardWhole(t, seen, spoken);
});

t.test('raw PCM of 16 kHz, in odd pieces', async (t) => {
  const spoken = spokenUntil(UNTIL_MS);
  const seen = await stream(
    references.wav,
    [{ bytes: pcmBetween(0, UNTIL_MS), chunks: [1, 333, 4096] }],
    textOf(spoken),
  );
  t.same(seen.formats, ['pcm_s16le']);
  heardWhole(t, seen, spoken);
});

t.test('a declared format wins over the guess', async (t) => {
  const spoken = spokenUntil(UNTIL_MS);
  const handshake = { audio: { formato: 'pcm_s16le', taxa: 16_000, canais: 1 } };
  const seen = await stream(
    references.wav,
    [{ bytes: pcmBetween(0, UNTIL_MS), chunks: [3200], handshake }],
    textOf(spoken),
  );
  t.same(seen.formats, ['pcm_s16le']);
  heardWhole(t, seen, spoken);
});

t.test('a WAV that a device loops from its start', async (t) => {
  const spoken = spokenUntil(UNTIL_MS);
  const once = { bytes: wavUntil(UNTIL_MS), chunks: [4096] };
  const text = `${textOf(spoken)} ${textOf(spoken)}`;
  const seen = await stream(references.wav, [once, once], text);
  t.equal(seen.text, text, 'the second time is heard as the first was, header and all');
  t.same(seen.formats, ['wav', 'wav'], 'a new decode, as of a recorder that restarts');
  t.equal(
    listening.coverage.report({ within: rangesOf(spoken) }).unknownSamples,
    0,
    'no header byte was heard as sound',
  );
});

t.test('a WebM that is joined in mid-stream, without its header', async (t) => {
  const { webm, script } = conversation();
  const moved = webmScript(script);
  const bytesPerMs = webm.length / moved.durationMs;
  const from = clusterAfter(webm, Math.round(5000 * bytesPerMs));
  const bytes = webm.subarray(from, Math.ceil((UNTIL_MS + 1200) * bytesPerMs));
  const spoken = spokenUntil(UNTIL_MS, moved).slice(2, 3);
  const seen = await stream(references.webm, [{ bytes, chunks: [1000] }], textOf(spoken));
  t.same(seen.formats, ['webm']);
  t.match(seen.text, textOf(spoken), 'what follows is heard');
  t.same(listening.coverage.report({ within: rangesOf(spoken) }).missing, []);
});

/** Where the first cluster at or after `from` begins. */
function clusterAfter(webm: Uint8Array, from: number): number {
  const at = Buffer.from(webm).indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]), from);
  if (at < 0) throw new Error('no cluster there');
  return at;
}
