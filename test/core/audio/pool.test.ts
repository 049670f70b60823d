import t from 'tap';
import { BlockPool } from '../../../core/audio/ring.ts';
import { hearAll, listen, loudnessVad, toInt16, tones } from '../../helpers/ear.ts';

/** A pool that knows every block it ever gave out. */
class CountedPool extends BlockPool {
  readonly blocks = new Set<unknown>();

  override take() {
    const block = super.take();
    this.blocks.add(block);
    return block;
  }
}

const PCM = tones([1, 0], [2, 0.3], [2, 0]);
const OTHER = tones([1, 0], [1, 0.2], [1, 0], [1, 0.4], [2, 0]);

t.test('ears on one pool hear their own counter, sample by sample', async (t) => {
  const pool = new CountedPool();
  const both = [PCM, OTHER].map((pcm) => ({ pcm, heard: listen(loudnessVad(), { pool }) }));
  for (let at = 0; at < OTHER.length; at += 4000) {
    for (const { pcm, heard } of both) heard.ear.push(pcm.subarray(at, at + 4000), 0);
  }
  for (const { pcm, heard } of both) {
    await heard.ear.flush('client_end');
    t.ok(heard.utterances.length > 0);
    for (const { segment, startSample, endSample } of heard.utterances) {
      t.same(heard.audio.get(segment), toInt16(pcm.subarray(startSample, endSample)));
    }
  }
});

t.test('the next counter takes over the memory of the one that left', async (t) => {
  const pool = new CountedPool();
  for (let counter = 0; counter < 5; counter++) {
    const heard = listen(loudnessVad(), { pool });
    await hearAll(heard, PCM);
    heard.ear.close();
  }
  const alone = new CountedPool();
  await hearAll(listen(loudnessVad(), { pool: alone }), PCM);
  t.equal(pool.blocks.size, alone.blocks.size);
});
