/**
 * The samples of a RIFF/WAVE file: the bytes of its `data` chunk, wherever it stands. Bytes that are no such file come
 * back as they are. A length of the chunk beyond the file's end (a header written before its audio) reads to the end.
 */
export function withoutWavHeader(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12 || tag(file, 0) !== 'RIFF' || tag(file, 8) !== 'WAVE') return file;
  let at = 12;
  while (at + 8 <= file.length) {
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (tag(file, at) === 'data') return file.subarray(start, Math.min(file.length, start + length));
    at = start + length + (length % 2);
  }
  return file.subarray(file.length);
}

function tag(file: Uint8Array, at: number): string {
  return String.fromCharCode(...file.subarray(at, at + 4));
}
