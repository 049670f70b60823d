import type { SeenRequest } from './server.ts';

/** The body of a `multipart/form-data` request; undefined when it is none. */
export async function readForm(request: SeenRequest): Promise<FormData | undefined> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  try {
    return await new Response(new Uint8Array(request.body), { headers }).formData();
  } catch {
    return undefined;
  }
}

/** Mono 16-bit samples of a WAV file with the plain 44-byte header; undefined for anything else. */
export async function readWav(file: Blob): Promise<{ pcm: Int16Array; sampleRateHz: number } | undefined> {
  const bytes = await file.arrayBuffer();
  if (bytes.byteLength < 44) return undefined;
  const view = new DataView(bytes);
  const tag = (at: number) => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  const isPlain = tag(0) === 'RIFF' && tag(8) === 'WAVE' && tag(12) === 'fmt ' && tag(36) === 'data';
  const isMono16 = view.getUint16(20, true) === 1 && view.getUint16(22, true) === 1 && view.getUint16(34, true) === 16;
  const isWhole =
    view.getUint32(40, true) === bytes.byteLength - 44 && view.getUint32(4, true) === bytes.byteLength - 8;
  if (!isPlain || !isMono16 || !isWhole) return undefined;
  return { pcm: new Int16Array(bytes.slice(44)), sampleRateHz: view.getUint32(24, true) };
}
