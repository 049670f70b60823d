import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { modelError } from './folder.ts';

/** Field numbers of ONNX's ModelProto. */
const GRAPH = 7;
const METADATA = 14;
const MAX_FIELDS = 10_000;
const MAX_ENTRY_BYTES = 1_048_576;

/**
 * The key-value metadata of an ONNX file: what kind of model it is. Walks the outermost protobuf fields and reads none of
 * the weights, so it costs the same for 1 MB and 2 GB; and it notices a file that is no ONNX, or was cut short, which the
 * native library answers by ending the process.
 * @throws ProviderError `invalid_request`, blame `config`, naming the file.
 */
export async function onnxMetadata(path: string): Promise<Map<string, string>> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    throw modelError(`o arquivo ${basename(path)} do modelo não pôde ser lido`, cause);
  }
  try {
    const { size } = await file.stat();
    const found = await walk(file, size);
    if (found === null) throw modelError(`${basename(path)} não é um modelo ONNX inteiro: baixe-o de novo`);
    return found;
  } finally {
    await file.close();
  }
}

/** Null when the file is not an ONNX model, or ends before it should. */
async function walk(file: FileHandle, size: number): Promise<Map<string, string> | null> {
  const found = new Map<string, string>();
  const head = Buffer.alloc(20);
  let position = 0;
  let hasGraph = false;
  for (let fields = 0; position < size; fields++) {
    if (fields >= MAX_FIELDS) return null;
    const { bytesRead } = await file.read(head, 0, head.length, position);
    const field = readField(head.subarray(0, bytesRead));
    if (field === null) return null;
    const start = position + field.headBytes;
    position = start + field.length;
    if (position > size) return null;
    if (field.number === GRAPH) hasGraph = true;
    if (field.number === METADATA && field.length <= MAX_ENTRY_BYTES) {
      const entry = Buffer.alloc(field.length);
      await file.read(entry, 0, entry.length, start);
      readEntry(entry, found);
    }
  }
  return hasGraph ? found : null;
}

/** One protobuf field's number, the bytes of its head, and the length of its value. */
function readField(head: Buffer): { number: number; headBytes: number; length: number } | null {
  const tag = readVarint(head, 0);
  if (tag === null || tag.value < 8) return null;
  const number = Math.floor(tag.value / 8);
  const wireType = tag.value % 8;
  const value = wireType === 0 || wireType === 2 ? readVarint(head, tag.end) : { value: 0, end: tag.end };
  if (value === null) return null;
  if (wireType === 0) return { number, headBytes: value.end, length: 0 };
  if (wireType === 2) return { number, headBytes: value.end, length: value.value };
  if (wireType === 1) return { number, headBytes: tag.end, length: 8 };
  return wireType === 5 ? { number, headBytes: tag.end, length: 4 } : null;
}

function readVarint(bytes: Buffer, from: number): { value: number; end: number } | null {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) return null;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, end: from + i + 1 };
  }
  return null;
}

/** StringStringEntryProto: key in field 1, value in field 2. */
function readEntry(entry: Buffer, found: Map<string, string>): void {
  const parts = ['', '', ''];
  for (let position = 0; position < entry.length; ) {
    const field = readField(entry.subarray(position));
    if (field === null) return;
    const start = position + field.headBytes;
    position = start + field.length;
    if (field.number <= 2) parts[field.number] = entry.toString('utf8', start, position);
  }
  if (parts[1]) found.set(parts[1], parts[2] ?? '');
}
