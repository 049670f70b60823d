import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { conversation } from './conversation.ts';
import { temporaryFolder } from './databases.ts';

/** What Chromium plays to whoever opens its fake microphone, as it wants it: 48 kHz, 16 bit. */
const PLAYED_HZ = 48_000;
const HEADER_BYTES = 44;

/** Chromium's flags for a microphone that plays the bundled conversation, once, from the moment it is opened. */
export async function fakeMicrophone(t: Test): Promise<string[]> {
  const file = join(await temporaryFolder(t), 'conversa-48k.wav');
  await writeFile(file, wavOf(threefold(conversation().pcm)));
  return [
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-audio-capture=${file}%noloop`,
  ];
}

/** 16 to 48 kHz, straight lines between the samples. */
function threefold(pcm: Int16Array): Int16Array {
  return Int16Array.from({ length: pcm.length * 3 }, (_, at) => {
    const left = pcm[Math.floor(at / 3)] ?? 0;
    const right = pcm[Math.floor(at / 3) + 1] ?? left;
    return left + ((right - left) * (at % 3)) / 3;
  });
}

function wavOf(pcm: Int16Array): Buffer {
  const file = Buffer.alloc(HEADER_BYTES + pcm.byteLength);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(PLAYED_HZ, 24);
  file.writeUInt32LE(PLAYED_HZ * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(pcm.byteLength, 40);
  Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).copy(file, HEADER_BYTES);
  return file;
}
