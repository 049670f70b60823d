import type { Interaction } from '../store/interaction.ts';
import { INTERACTION_COLUMNS } from '../store/interactions-table.ts';
import type { WallClock } from '../wall-clock.ts';
import type { SourceRow } from './source.ts';
import { type Complain, integerOf, momentOf, numberOf, textOf } from './values.ts';

type Field = keyof Interaction;

/** Characters taken of one text: the longest answer of a model that we keep is 20,000. */
const MOST_TEXT = 100_000;

/** What somebody said, or what was made of it. */
const SPOKEN = [
  'transcript',
  'transcriptNormalized',
  'transcriptClassification',
  'modelRawResponse',
] as const satisfies Field[];

const TEXTS = [
  'recommendation',
  'sttModel',
  'cutReason',
  'audioClass',
  'speechRanges',
  'configSnapshot',
  'mockStatus',
] as const satisfies Field[];

const MOMENTS = [
  'tsAudioReceived',
  'tsTranscriptionSent',
  'tsTranscriptionReady',
  'tsAiRequest',
  'tsAiResponse',
  'tsClientSent',
] as const satisfies Field[];

const INTEGERS = [
  'segmentDurationMs',
  'segmentBytes',
  'framesLen',
  'silenceFramesAtCut',
  'vadAggressiveness',
  'silenceFramesNeeded',
  'preRollLen',
  'segmentLimitFrames',
] as const satisfies Field[];

const REALS = [
  'estimatedCost',
  'snr',
  'noiseLevelStart',
  'noiseLevelEnd',
  'dynamicThresholdStart',
  'dynamicThresholdEnd',
  'energyRmsMean',
  'energyRmsMax',
  'peakDbfs',
  'clippingRatio',
  'dcOffset',
  'zcr',
  'spectralCentroid',
  'spectralCentroidMean',
  'bandEnergyLow',
  'bandEnergyMid',
  'bandEnergyHigh',
  'snrEstimate',
  'cleanerGainDb',
  'pitchMean',
  'pitchStd',
  'thresholdMultiplier',
  'minEnergyThreshold',
  'alpha',
  'cpuUsagePercent',
  'ramUsageMb',
] as const satisfies Field[];

const TYPES: ReadonlySet<string> = new Set(['valid', 'discarded_empty', 'discarded_ia', 'mock_voice']);

/**
 * Columns of the original that are read. Left out: `resultado_feedback`, which there holds words of the pipeline and no
 * feedback, and `audio_file_path`, which names files that are not ours to read or erase.
 */
export const INTERACTION_SOURCE_COLUMNS: readonly string[] = [
  'id',
  'balcao_id',
  'timestamp',
  'funcionario_id',
  'speaker_data',
  'interaction_type',
  ...[...SPOKEN, ...TEXTS, ...MOMENTS, ...INTEGERS, ...REALS].map((field) => INTERACTION_COLUMNS[field]),
];

/** What a row is read with. */
export interface InteractionContext {
  /** Of a counter that was imported; undefined: it was not. */
  ownerOf(counterId: string): string | undefined;
  /** Our id of an employee of the original; undefined: there is none. */
  employeeOf(id: string): number | undefined;
  /** Whether that id stands for nobody. */
  isNobody(id: string): boolean;
  /** By client: takes personal data out of what was said there. */
  maskers: Map<string, (text: string) => string>;
  clock: WallClock;
}

/** A row of the original as ours; null where it cannot be taken. Said again, it has the same idempotency key. */
export function interactionOf(
  row: SourceRow,
  context: InteractionContext,
  refuse: Complain,
  complain: Complain,
): Omit<Interaction, 'id'> | null {
  const counterId = row['balcao_id'] ?? '';
  const clientId = context.ownerOf(counterId);
  if (clientId === undefined) {
    refuse('balcao_id', 'BALTO_LEGACY_ORPHAN', 'o balcão não existe na origem, ou foi recusado');
    return null;
  }
  const id = integerOf(row['id'], 'id', refuse);
  const timestamp =
    momentOf(row['timestamp'], context.clock, 'timestamp', complain) ??
    momentOf(row['ts_audio_received'], context.clock, 'ts_audio_received', complain);
  if (id === null || timestamp === null) {
    refuse('timestamp', 'BALTO_LEGACY_TIME', 'a interação não diz quando foi');
    return null;
  }
  const read = <F extends Field, T>(fields: readonly F[], of: (column: string) => T) =>
    Object.fromEntries(fields.map((field) => [field, of(INTERACTION_COLUMNS[field])])) as Record<F, T>;
  const mask = context.maskers.get(clientId);
  // Without a masker nothing that was said is kept.
  const masked = (text: string | null) => (text === null || !mask ? null : mask(text));
  return {
    ...NOTHING,
    clientId,
    counterId,
    sessionId: 'legado',
    segment: id,
    idempotencyKey: `legado:${counterId}:${id}:${(row['timestamp'] ?? '').trim().slice(0, 40)}`,
    timestamp,
    interactionType: typeOf(row['interaction_type'], complain),
    ...read(SPOKEN, (column) => masked(textOf(row[column], column, complain, MOST_TEXT))),
    ...read(TEXTS, (column) => textOf(row[column], column, complain, MOST_TEXT)),
    ...read(MOMENTS, (column) => momentOf(row[column], context.clock, column, complain)),
    ...read(INTEGERS, (column) => integerOf(row[column], column, complain)),
    ...read(REALS, (column) => numberOf(row[column], column, complain)),
    employeeId: employeeOf(row['funcionario_id'], context, complain),
    speakerData: speakersOf(row['speaker_data'], context, complain),
  };
}

/** What the original knows nothing of. */
const NOTHING = {
  feedback: null,
  costMicroUsd: null,
  tsSpeechEnd: null,
  audioFilePath: null,
  configVersion: null,
  promptVersion: null,
  listVersion: null,
  decision: null,
  gate: null,
  candidates: null,
  words: null,
};

function typeOf(value: string | null | undefined, complain: Complain): Interaction['interactionType'] {
  if (value === null || value === undefined || value === '') return 'valid';
  if (TYPES.has(value)) return value as Interaction['interactionType'];
  complain('interaction_type', 'BALTO_LEGACY_TYPE', 'o tipo não é conhecido, e fica o mais próximo');
  return value.startsWith('discarded') ? 'discarded_ia' : 'valid';
}

function employeeOf(value: string | null | undefined, context: InteractionContext, complain: Complain): number | null {
  if (value === null || value === undefined || context.isNobody(value)) return null;
  const employeeId = context.employeeOf(value);
  if (employeeId === undefined) complain('funcionario_id', 'BALTO_LEGACY_ORPHAN', 'o funcionário não foi importado');
  return employeeId ?? null;
}

/** `[{id, name, score}]` with our ids; of whoever was not imported, and of nobody, null. */
function speakersOf(value: string | null | undefined, context: InteractionContext, complain: Complain): string | null {
  if (value === null || value === undefined || value.trim() === '') return null;
  try {
    const speakers: unknown = JSON.parse(value);
    if (Array.isArray(speakers)) return JSON.stringify(speakers.slice(0, 100).map((each) => speakerOf(each, context)));
  } catch {
    // said below, like every other thing that is no list
  }
  complain('speaker_data', 'BALTO_LEGACY_JSON', 'não é uma lista JSON');
  return null;
}

function speakerOf(value: unknown, context: InteractionContext): object {
  const { id, name, score } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return {
    id: context.employeeOf(String(id)) ?? null,
    name: typeof name === 'string' ? name.slice(0, 200) : null,
    score: typeof score === 'number' ? score : null,
  };
}
