import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Models of a few kilobytes, written as ONNX (protobuf) by hand, that the native engine takes for real ones: no weights
 * can be had here, and a loader that never loaded anything is not tested. They hear loudness, not speech.
 */

const FLOAT = 1;
const INT64 = 7;

type Dim = number | string;
interface Value {
  name: string;
  type: number;
  dims: Dim[];
}
interface Node {
  op: string;
  inputs: string[];
  outputs: string[];
  attributes?: Buffer[];
}
interface Graph {
  nodes: Node[];
  inputs: Value[];
  outputs: Value[];
  constants: Buffer[];
  metadata: Record<string, string>;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

const number = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field: number, value: Buffer | string): Buffer => {
  const data = Buffer.from(value as string);
  return Buffer.concat([varint(field * 8 + 2), varint(data.length), data]);
};

const integer = (name: string, value: number): Buffer =>
  Buffer.concat([bytes(1, name), number(3, value), number(20, 2)]);
const integers = (name: string, values: number[]): Buffer =>
  Buffer.concat([bytes(1, name), ...values.map((value) => number(8, value)), number(20, 7)]);

function tensor(name: string, dims: number[], values: Float32Array | BigInt64Array): Buffer {
  const raw = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const type = values instanceof Float32Array ? FLOAT : INT64;
  return Buffer.concat([...dims.map((dim) => number(1, dim)), number(2, type), bytes(8, name), bytes(9, raw)]);
}

function valueInfo({ name, type, dims }: Value): Buffer {
  const shape = dims.map((dim) => bytes(1, typeof dim === 'number' ? number(1, dim) : bytes(2, dim)));
  const tensorType = Buffer.concat([number(1, type), bytes(2, Buffer.concat(shape))]);
  return Buffer.concat([bytes(1, name), bytes(2, bytes(1, tensorType))]);
}

function node({ op, inputs, outputs, attributes = [] }: Node): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, op),
    ...attributes.map((attribute) => bytes(5, attribute)),
  ]);
}

/** `graph` as the bytes of an ONNX file, opset 13. */
export function onnxBytes(graph: Graph): Buffer {
  const body = Buffer.concat([
    ...graph.nodes.map((each) => bytes(1, node(each))),
    bytes(2, 'tiny'),
    ...graph.constants.map((each) => bytes(5, each)),
    ...graph.inputs.map((each) => bytes(11, valueInfo(each))),
    ...graph.outputs.map((each) => bytes(12, valueInfo(each))),
  ]);
  const metadata = Object.entries(graph.metadata).map(([key, value]) =>
    bytes(14, Buffer.concat([bytes(1, key), bytes(2, value)])),
  );
  return Buffer.concat([number(1, 8), bytes(7, body), bytes(8, number(2, 13)), ...metadata]);
}

/** A speaker model of 80 dimensions: the mean of each frequency band over time. */
export function speakerModel(): Buffer {
  return onnxBytes({
    nodes: [
      {
        op: 'ReduceMean',
        inputs: ['feats'],
        outputs: ['embs'],
        attributes: [integers('axes', [1]), integer('keepdims', 0)],
      },
    ],
    inputs: [{ name: 'feats', type: FLOAT, dims: ['B', 'T', 80] }],
    outputs: [{ name: 'embs', type: FLOAT, dims: ['B', 80] }],
    constants: [],
    metadata: {
      framework: 'wespeaker',
      language: 'Portuguese',
      url: 'none',
      comment: 'synthetic',
      sample_rate: '16000',
      output_dim: '80',
      normalize_samples: '1',
    },
  });
}

/** A CTC model that says "oi" once for every stretch of loud sound; `loud` is the mean log energy from which it is. */
export function ctcModel(loud = -8): Buffer {
  const weights = new Float32Array(80 * 2);
  for (let band = 0; band < 80; band++) weights[band * 2] = 1 / 80;
  return onnxBytes({
    nodes: [
      {
        op: 'Transpose',
        inputs: ['audio_signal'],
        outputs: ['frames'],
        attributes: [integers('perm', [0, 2, 1])],
      },
      { op: 'MatMul', inputs: ['frames', 'weights'], outputs: ['energy'] },
      { op: 'Add', inputs: ['energy', 'bias'], outputs: ['logprobs'] },
    ],
    inputs: [
      { name: 'audio_signal', type: FLOAT, dims: ['B', 80, 'T'] },
      { name: 'length', type: INT64, dims: ['B'] },
    ],
    outputs: [{ name: 'logprobs', type: FLOAT, dims: ['B', 'T', 2] }],
    constants: [tensor('weights', [80, 2], weights), tensor('bias', [2], Float32Array.of(-loud, 0))],
    metadata: { vocab_size: '1', subsampling_factor: '1', normalize_type: '', model_type: 'EncDecCTCModelBPE' },
  });
}

/** A voice that sounds 256 samples per phoneme, at 16 kHz. */
export function voiceModel(): Buffer {
  const wave = Float32Array.from({ length: 256 }, (_, i) => Math.sin((i / 256) * 2 * Math.PI * 4) / 200);
  return onnxBytes({
    nodes: [
      { op: 'Cast', inputs: ['input'], outputs: ['ids'], attributes: [integer('to', FLOAT)] },
      { op: 'Reshape', inputs: ['ids', 'column'], outputs: ['column_ids'] },
      { op: 'Mul', inputs: ['column_ids', 'wave'], outputs: ['sound'] },
      { op: 'Reshape', inputs: ['sound', 'row'], outputs: ['output'] },
    ],
    inputs: [
      { name: 'input', type: INT64, dims: ['B', 'T'] },
      { name: 'input_lengths', type: INT64, dims: ['B'] },
      { name: 'scales', type: FLOAT, dims: [3] },
    ],
    outputs: [{ name: 'output', type: FLOAT, dims: [1, 1, 'S'] }],
    constants: [
      tensor('column', [3], BigInt64Array.of(1n, -1n, 1n)),
      tensor('row', [3], BigInt64Array.of(1n, 1n, -1n)),
      tensor('wave', [1, 1, 256], wave),
    ],
    metadata: {
      model_type: 'vits',
      comment: 'piper',
      language: 'Portuguese',
      voice: 'pt-br',
      has_espeak: '1',
      n_speakers: '1',
      sample_rate: '16000',
    },
  });
}

/** A folder of files, made with its parents. @returns its path. */
export async function modelFolder(root: string, name: string, files: Record<string, Buffer | string>): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content);
  return folder;
}

/** Symbols of {@link ctcModel}. */
export const CTC_TOKENS = '▁oi 0\n<blk> 1\n';

/** Symbols of {@link voiceModel}: the padding marks, and phonemes that Portuguese has. */
export const VOICE_TOKENS = [..."_^$ !'(),-.:;?abcdefhijklmnopqrstuvwxyzæçðøŋɐɔəɛɡɣɨɪɲɾʁʃʊʎʒʲˈˌː\u0303"]
  .map((symbol, index) => `${symbol} ${index}\n`)
  .join('');
