import fc from 'fast-check';
import t from 'tap';
import { BLOCK_SAMPLES, BlockPool, UtteranceAudio } from '../../../core/runtime/ring.ts';

t.test('what went in comes out, whatever the frames and wherever it is read', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 * BLOCK_SAMPLES }), { maxLength: 6 }),
      fc.nat(),
      fc.nat(),
      (lengths, from, most) => {
        const audio = new UtteranceAudio(new BlockPool());
        let next = 0;
        for (const length of lengths) audio.append(Int16Array.from({ length }, () => next++ % 30_000));
        if (audio.samples !== next) return false;
        const start = next === 0 ? 0 : from % next;
        const count = Math.min(most, next - start);
        const part = new Int16Array(count);
        audio.copyTo(part, start, count);
        return part.every((sample, index) => sample === (start + index) % 30_000) && audio.toPcm().length === next;
      },
    ),
    { numRuns: 100 },
  );
  t.pass('100 shapes');
});

t.test('blocks are used again, and given back once', async (t) => {
  const pool = new BlockPool({ maxBytes: 10 * BLOCK_SAMPLES * 2 });
  const audio = new UtteranceAudio(pool);
  audio.append(new Int16Array(BLOCK_SAMPLES + 1));
  t.equal(pool.usedBytes, 2 * BLOCK_SAMPLES * 2);
  audio.release();
  audio.release();
  t.equal(pool.usedBytes, 0);
  t.notOk(audio.append(new Int16Array(10)), 'nothing is kept after the release');
  t.equal(pool.usedBytes, 0);
});

t.test('appending frames allocates no memory of its own', async (t) => {
  const pool = new BlockPool();
  const frame = new Int16Array(480);
  const once = () => {
    const audio = new UtteranceAudio(pool);
    for (let index = 0; index < 2000; index++) audio.append(frame);
    audio.release();
  };
  once();
  const before = process.memoryUsage().arrayBuffers;
  for (let times = 0; times < 20; times++) once();
  t.ok(process.memoryUsage().arrayBuffers - before < 4 * 1024 * 1024, 'the blocks come from the pool');
});

t.test('a pool too small for its only holder evicts that one, and says so', async (t) => {
  const pool = new BlockPool({ maxBytes: BLOCK_SAMPLES * 2 });
  const audio = new UtteranceAudio(pool);
  let isEvicted = false;
  pool.enter({
    evict: () => {
      isEvicted = true;
      audio.release();
    },
  });
  t.notOk(audio.append(new Int16Array(BLOCK_SAMPLES + 1)));
  t.ok(isEvicted);
  t.equal(pool.usedBytes, 0);
});
