import t from 'tap';
import { prepareDecoders, StreamDecoder } from '../../../core/audio/decode/index.ts';
import { toInt16 } from '../../../core/audio/ring.ts';
import { conversation, webmScript } from '../../helpers/conversation.ts';
import { ClosedSet } from './closed-set.ts';
import { Coverage } from './coverage.ts';
import { wavReference, webmReference } from './references.ts';

const { script, pcm, webm } = conversation();
const texts = script.utterances.map(({ text }) => text);

t.test('the decode of the WAV is the WAV', async (t) => {
  t.same((await wavReference()).pcm, pcm);
});

t.test('the WebM in 4 KiB chunks is heard whole, bit by bit', async (t) => {
  await prepareDecoders();
  const coverage = new Coverage(await webmReference());
  const stream = coverage.openStream(16_000);
  const decoder = new StreamDecoder({
    onPcm: (samples) => stream.push(Int16Array.from(samples, toInt16)),
    onUnsupported: (name) => t.fail(name),
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  for (let at = 0; at < webm.length; at += 4096) decoder.push(webm.subarray(at, at + 4096));
  await decoder.end();
  decoder.close();
  const heard = stream.take();
  t.equal(heard.text, texts.join(' '));
  t.equal(Math.min(...heard.ranges.map(({ score }) => score)), 1, 'no correlation was needed');
  t.same(coverage.report().missing, []);
});

t.test('the closed set, made from the WAV, recognises what the browser coded again', async (t) => {
  const reference = await webmReference();
  const closedSet = new ClosedSet(pcm, script);
  const errors: number[] = [];
  for (const line of webmScript(script).utterances) {
    const from = line.startMs - 600;
    const recognised = closedSet.recognise(reference.pcm.slice(from * 16, (line.endMs + 900) * 16), 16_000);
    t.equal(recognised?.text, line.text, `distance ${recognised?.distance.toFixed(2)}`);
    for (const [index, word] of (recognised?.words ?? []).entries()) {
      errors.push(Math.abs(word.startMs + from - (line.words[index]?.startMs ?? Number.NaN)));
    }
  }
  t.ok(Math.max(...errors) < 100, `largest error of a word's start: ${Math.max(...errors)} ms`);
});
