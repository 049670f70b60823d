import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createApp } from '../../core/app.ts';
import type { BaltoError } from '../../core/contracts/index.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { Seen } from '../helpers/seen.ts';

const fixture = (path: string) => join(import.meta.dirname, '../fixtures', path);

/** An ffmpeg that answers whatever it is given with three spoken sentences. */
async function speakingFfmpeg(t: Test): Promise<string> {
  const wav = await readFile(fixture('ear/speech.wav'));
  const folder = t.testdir({ 'speech.pcm': wav.subarray(44) });
  const path = join(folder, 'ffmpeg');
  await writeFile(path, `#!/bin/sh\nexec cat '${join(folder, 'speech.pcm')}'\n`);
  await chmod(path, 0o755);
  return path;
}

t.test('a format that is not decoded in process goes to the ffmpeg of FFMPEG_PATH', async (t) => {
  const house = await startBalto(t, { env: { FFMPEG_PATH: await speakingFfmpeg(t) } });
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  counter.socket.send(await readFile(fixture('decode/voice.mp4')));
  await seen.until(({ utterances }) => utterances.length > 0);
  t.same(seen.formats, ['mp4']);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
});

t.test('without one the counter is told which format it was', async (t) => {
  const house = await startBalto(t);
  const counter = await connectCounter(house.ws, house.apiKey);
  counter.socket.send(await readFile(fixture('decode/voice.mp4')));
  t.same(await counter.closed, { code: 4000, reason: 'formato de áudio não suportado: mp4' });
});

t.test('one that cannot be run refuses the start', async (t) => {
  const env = { BALTO_DATA_DIR: t.testdir({}), FFMPEG_PATH: '/nonexistent/ffmpeg' };
  const error = await createApp({ env }).then(
    () => t.fail('it started'),
    (reason: BaltoError) => reason,
  );
  t.match(error, { code: 'BALTO_CONFIG_ENVIRONMENT', field: 'FFMPEG_PATH' });
});
