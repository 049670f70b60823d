import { prepareDecoders, StreamDecoder } from '../../../core/audio/decode/index.ts';
import { toInt16 } from '../../../core/audio/ring.ts';
import { conversation, webmScript } from '../../helpers/conversation.ts';
import { CoverageReference } from './coverage.ts';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** What STT hears of a whole file when nothing goes wrong: the server's decoder, and the ear's rounding. 16 kHz mono. */
export async function referenceDecode(bytes: Uint8Array): Promise<Int16Array> {
  await prepareDecoders();
  const pieces: Int16Array[] = [];
  const decoder = new StreamDecoder({
    onPcm: (pcm) => pieces.push(Int16Array.from(pcm, toInt16)),
    onUnsupported: (name) => {
      throw new Error(`not decodable: ${name}`);
    },
    log: QUIET,
  });
  decoder.push(bytes);
  await decoder.end();
  decoder.close();
  const pcm = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    pcm.set(piece, at);
    at += piece.length;
  }
  return pcm;
}

/** Reference for a test that streams `conversation().wav`. */
export async function wavReference(): Promise<CoverageReference> {
  const { script, wav } = conversation();
  return new CoverageReference(await referenceDecode(wav), script);
}

/** Reference for a test that streams `conversation().webm`. */
export async function webmReference(): Promise<CoverageReference> {
  const { script, webm } = conversation();
  return new CoverageReference(await referenceDecode(webm), webmScript(script));
}
