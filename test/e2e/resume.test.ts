import t, { type Test } from 'tap';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference, webmReference } from '../emulators/listening/references.ts';
import { startBalto } from '../helpers/balto.ts';
import { conversation } from '../helpers/conversation.ts';
import { CuttingProxy } from '../helpers/cutting-proxy.ts';
import { Device } from '../helpers/device.ts';
import { seededRandom } from '../helpers/noises.ts';
import { inOrder, Seen } from '../helpers/seen.ts';
import { obedientModel, rangesOf, textOf } from '../helpers/talk.ts';

const CUTS = 50;
const { script, wav, webm } = conversation();
const STREAMS = [
  { name: 'PCM', bytes: wav.subarray(44), reference: await wavReference(), offsetMs: 0 },
  { name: 'WebM', bytes: webm, reference: await webmReference(), offsetMs: script.webmOffsetMs },
];

/** Where a forced cut made two utterances hear the same 0.8 s. */
function overlaps(seen: Seen) {
  return inOrder(seen.utterances)
    .filter(({ utterance }) => utterance.cutReason === 'safety_limit')
    .map(({ utterance }) => ({ startSample: utterance.endSample - 27 * 480, endSample: utterance.endSample }));
}

for (const { name, bytes, reference, offsetMs } of STREAMS) {
  t.test(`${name}: a device cut off at ${CUTS} random bytes is heard once and whole`, async (t: Test) => {
    const seed = Date.now() % 1_000_000;
    t.comment(`seed ${seed}`);
    const random = seededRandom(seed);
    const coverage = new Coverage(reference);
    const elevenlabs = await startElevenLabs({ listening: coverage, latencyMs: 20 });
    const llm = await startOpenAi({ respond: obedientModel() });
    const house = await startBalto(t, { vendors: { elevenlabs, llm } });
    const between = (2 * bytes.length) / CUTS;
    const cutAfter = Array.from({ length: CUTS }, () => Math.floor(200 + random() * between));
    const proxy = new CuttingProxy({ host: '127.0.0.1', port: house.port }, cutAfter);
    await proxy.open();
    t.teardown(() => proxy.close());
    const seen = new Seen(house.observer);
    const device = new Device(bytes, {
      url: () => `ws://127.0.0.1:${proxy.port}/ws`,
      apiKey: house.apiKey,
      chunkBytes: 700,
    });
    await device.play();
    device.say({ comando: 'fim' });
    await seen.until(({ text }) => text.length >= textOf(script.utterances).length);
    device.stop();
    await seen.until(({ closed }) => closed >= 1);
    t.ok(proxy.cuts >= CUTS / 2, `${proxy.cuts} cuts, ${device.connections} connections`);
    t.same(device.impossible, [], 'it was never asked for what it need not keep');
    t.equal(new Set(device.of('pronto').map(({ sessao }) => sessao)).size, 1, 'one session all along');
    t.equal(seen.text, textOf(script.utterances));
    const moved = (ranges: { startSample: number; endSample: number }[]) =>
      ranges.map((range) => ({
        startSample: range.startSample + offsetMs * 16,
        endSample: range.endSample + offsetMs * 16,
      }));
    const report = coverage.report({ within: moved(rangesOf(script.utterances)), allowTwice: overlaps(seen) });
    t.same(report.wordsNeverHeard, []);
    t.same(report.wordsHeardTwice, []);
    t.same(report.missing, []);
    t.same(report.heardTwice, []);
    const rows = await house.rows();
    t.same(
      rows.map(({ segment }) => segment),
      rows.map((_row, index) => index + 1),
    );
    t.same(seen.lost, []);
    const cards = device.of('recomendar').map((card) => card['interacao_id']);
    t.ok(cards.length > 0);
    t.notOk(
      rows.some(({ tsClientSent, id }) => tsClientSent !== null && !cards.includes(id)),
      'what was sent arrived',
    );
    const records = await house.balto.store.db.system((trx) => trx.selectFrom('resume_records').selectAll().execute());
    t.same(records, [], 'nothing of the session is left to resume');
  });
}
