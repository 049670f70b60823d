import type { Generated, Insertable, JSONColumnType, Selectable, Updateable } from 'kysely';
import type { HeardWords, Interaction } from './interaction.ts';
import { cleanText, toJson } from './text.ts';

type Jsonb = JSONColumnType<object | null, string | null, string | null>;

/** `interacoes`. What each column means: protocol, and `docs/banco.md`. */
export interface InteractionsTable {
  id: Generated<number>;
  cliente_id: string;
  balcao_id: string;
  sessao_id: string;
  segmento: number;
  chave_idempotencia: string;
  timestamp: Date;
  transcricao_completa: string | null;
  transcricao_normalizada: string | null;
  transcricao_classificacao: string | null;
  recomendacao_gerada: string | null;
  resultado_feedback: string | null;
  funcionario_id: number | null;
  modelo_stt: string | null;
  custo_estimado: number | null;
  custo_micro_usd: number | null;
  snr: number | null;
  grok_raw_response: string | null;
  ts_audio_received: Date | null;
  ts_transcription_sent: Date | null;
  ts_transcription_ready: Date | null;
  ts_ai_request: Date | null;
  ts_ai_response: Date | null;
  ts_client_sent: Date | null;
  ts_speech_end: Date | null;
  speaker_data: string | null;
  interaction_type: Interaction['interactionType'];
  segment_duration_ms: number | null;
  segment_bytes: number | null;
  frames_len: number | null;
  cut_reason: string | null;
  silence_frames_count_at_cut: number | null;
  noise_level_start: number | null;
  noise_level_end: number | null;
  dynamic_threshold_start: number | null;
  dynamic_threshold_end: number | null;
  energy_rms_mean: number | null;
  energy_rms_max: number | null;
  peak_dbfs: number | null;
  clipping_ratio: number | null;
  dc_offset: number | null;
  zcr: number | null;
  spectral_centroid: number | null;
  spectral_centroid_mean: number | null;
  band_energy_low: number | null;
  band_energy_mid: number | null;
  band_energy_high: number | null;
  snr_estimate: number | null;
  audio_cleaner_gain_db: number | null;
  audio_pitch_mean: number | null;
  audio_pitch_std: number | null;
  audio_classification: string | null;
  speech_ranges: string | null;
  threshold_multiplier: number | null;
  min_energy_threshold: number | null;
  alpha: number | null;
  vad_aggressiveness: number | null;
  silence_frames_needed: number | null;
  pre_roll_len: number | null;
  segment_limit_frames: number | null;
  config_snapshot: string | null;
  mock_status: string | null;
  cpu_usage_percent: number | null;
  ram_usage_mb: number | null;
  audio_file_path: string | null;
  versao_config: number | null;
  versao_prompt: string | null;
  versao_lista: string | null;
  decisao: Jsonb;
  portao: Jsonb;
  candidatos: Jsonb;
  palavras: JSONColumnType<HeardWords | null, string | null, string | null>;
  texto_expirado_em: Generated<Date | null>;
}

/** The code's name → the table's. Complete by type: a field without a column does not compile. */
export const INTERACTION_COLUMNS = {
  id: 'id',
  clientId: 'cliente_id',
  counterId: 'balcao_id',
  sessionId: 'sessao_id',
  segment: 'segmento',
  idempotencyKey: 'chave_idempotencia',
  timestamp: 'timestamp',
  transcript: 'transcricao_completa',
  transcriptNormalized: 'transcricao_normalizada',
  transcriptClassification: 'transcricao_classificacao',
  recommendation: 'recomendacao_gerada',
  feedback: 'resultado_feedback',
  employeeId: 'funcionario_id',
  sttModel: 'modelo_stt',
  estimatedCost: 'custo_estimado',
  costMicroUsd: 'custo_micro_usd',
  snr: 'snr',
  modelRawResponse: 'grok_raw_response',
  tsAudioReceived: 'ts_audio_received',
  tsTranscriptionSent: 'ts_transcription_sent',
  tsTranscriptionReady: 'ts_transcription_ready',
  tsAiRequest: 'ts_ai_request',
  tsAiResponse: 'ts_ai_response',
  tsClientSent: 'ts_client_sent',
  tsSpeechEnd: 'ts_speech_end',
  speakerData: 'speaker_data',
  interactionType: 'interaction_type',
  segmentDurationMs: 'segment_duration_ms',
  segmentBytes: 'segment_bytes',
  framesLen: 'frames_len',
  cutReason: 'cut_reason',
  silenceFramesAtCut: 'silence_frames_count_at_cut',
  noiseLevelStart: 'noise_level_start',
  noiseLevelEnd: 'noise_level_end',
  dynamicThresholdStart: 'dynamic_threshold_start',
  dynamicThresholdEnd: 'dynamic_threshold_end',
  energyRmsMean: 'energy_rms_mean',
  energyRmsMax: 'energy_rms_max',
  peakDbfs: 'peak_dbfs',
  clippingRatio: 'clipping_ratio',
  dcOffset: 'dc_offset',
  zcr: 'zcr',
  spectralCentroid: 'spectral_centroid',
  spectralCentroidMean: 'spectral_centroid_mean',
  bandEnergyLow: 'band_energy_low',
  bandEnergyMid: 'band_energy_mid',
  bandEnergyHigh: 'band_energy_high',
  snrEstimate: 'snr_estimate',
  cleanerGainDb: 'audio_cleaner_gain_db',
  pitchMean: 'audio_pitch_mean',
  pitchStd: 'audio_pitch_std',
  audioClass: 'audio_classification',
  speechRanges: 'speech_ranges',
  thresholdMultiplier: 'threshold_multiplier',
  minEnergyThreshold: 'min_energy_threshold',
  alpha: 'alpha',
  vadAggressiveness: 'vad_aggressiveness',
  silenceFramesNeeded: 'silence_frames_needed',
  preRollLen: 'pre_roll_len',
  segmentLimitFrames: 'segment_limit_frames',
  configSnapshot: 'config_snapshot',
  mockStatus: 'mock_status',
  cpuUsagePercent: 'cpu_usage_percent',
  ramUsageMb: 'ram_usage_mb',
  audioFilePath: 'audio_file_path',
  configVersion: 'versao_config',
  promptVersion: 'versao_prompt',
  listVersion: 'versao_lista',
  decision: 'decisao',
  gate: 'portao',
  candidates: 'candidatos',
  words: 'palavras',
} as const satisfies Record<keyof Interaction, keyof InteractionsTable>;

const FIELDS = Object.keys(INTERACTION_COLUMNS) as (keyof Interaction)[];
const JSON_FIELDS: ReadonlySet<keyof Interaction> = new Set(['decision', 'gate', 'candidates', 'words']);
/** Columns of whole numbers: a fraction would make the database refuse the row. */
const INTEGER_FIELDS: ReadonlySet<keyof Interaction> = new Set([
  'segment',
  'employeeId',
  'costMicroUsd',
  'segmentDurationMs',
  'segmentBytes',
  'framesLen',
  'silenceFramesAtCut',
  'vadAggressiveness',
  'silenceFramesNeeded',
  'preRollLen',
  'segmentLimitFrames',
  'configVersion',
]);

/** A whole interaction as the row to insert. */
export function fromInteraction(interaction: Interaction): Insertable<InteractionsTable> {
  return toColumns(interaction) as Insertable<InteractionsTable>;
}

/** Some fields as the columns to update. The id and the idempotency key never change. */
export function fromPatch(fields: Partial<Interaction>): Updateable<InteractionsTable> {
  const { id: _id, idempotencyKey: _key, ...changing } = fields;
  return toColumns(changing) as Updateable<InteractionsTable>;
}

export function toInteraction(row: Selectable<InteractionsTable>): Interaction {
  const interaction: Record<string, unknown> = {};
  for (const field of FIELDS) interaction[field] = row[INTERACTION_COLUMNS[field]];
  return interaction as unknown as Interaction;
}

function toColumns(fields: Partial<Interaction>): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = fields[field];
    if (value !== undefined) row[INTERACTION_COLUMNS[field]] = toColumn(field, value);
  }
  return row;
}

function toColumn(field: keyof Interaction, value: unknown): unknown {
  if (value === null) return null;
  if (JSON_FIELDS.has(field)) return toJson(value);
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  if (typeof value === 'number' && INTEGER_FIELDS.has(field)) return Math.round(value);
  return value;
}
