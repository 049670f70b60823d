import type { ExportedRow } from '../../store/export-shape.ts';

/** How the cells of a column are typed and shown. Instants are milliseconds that a clock on the wall shows as UTC. */
export type CellKind = 'text' | 'number' | 'money' | 'percent' | 'instant' | 'time';

/** Null: an empty cell. */
export type Cell = string | number | null;

/** Name, kind, and width in characters. */
export interface Column {
  name: string;
  kind: CellKind;
  width: number;
}

/** The wall's time of a moment (ms since 1970), as the milliseconds of a UTC that would show the same. */
export type Wall = (ms: number) => number;

interface RowColumn extends Column {
  of(row: ExportedRow, wall: Wall): Cell;
}

const NOBODY = 'Cliente / Desconhecido';

const text = (name: string, width: number, of: (row: ExportedRow) => string | null): RowColumn => ({
  name,
  kind: 'text',
  width,
  of,
});
const number = (name: string, of: (row: ExportedRow) => number | null): RowColumn => ({
  name,
  kind: 'number',
  width: 14,
  of,
});
const dollars = (name: string, microUsd: (row: ExportedRow) => number | null): RowColumn => ({
  name,
  kind: 'money',
  width: 14,
  of: (row) => {
    const amount = microUsd(row);
    return amount === null ? null : amount / 1e6;
  },
});
const time = (name: string, of: (row: ExportedRow) => number | null): RowColumn => ({
  name,
  kind: 'time',
  width: 14,
  of: (row, wall) => {
    const at = of(row);
    return at === null ? null : wall(at);
  },
});

/** The sheet `Interacoes`: first the nine columns that the original's report had, under the names that it gave them. */
export const INTERACTION_COLUMNS: readonly RowColumn[] = [
  number('id', ({ id }) => id),
  { name: 'timestamp', kind: 'instant', width: 20, of: ({ at }, wall) => wall(at) },
  text('nome_balcao', 24, ({ counterName }) => counterName),
  text('funcionario', 24, ({ employeeName }) => employeeName ?? NOBODY),
  text('transcricao_completa', 60, ({ transcript }) => transcript),
  text('recomendacao_gerada', 40, ({ recommendation }) => recommendation),
  text('resultado_feedback', 18, ({ feedback }) => feedback),
  text('modelo_stt', 16, ({ sttModel }) => sttModel),
  { name: 'custo_estimado', kind: 'money', width: 14, of: ({ estimatedCost }) => estimatedCost },
  text('cliente', 24, ({ clientName }) => clientName),
  text('balcao_id', 38, ({ counterId }) => counterId),
  text('interaction_type', 18, ({ type }) => type),
  text('provedor', 28, ({ provider }) => provider),
  text('regra', 16, ({ rule }) => rule),
  dollars('custo_transcricao_usd', ({ sttMicroUsd }) => sttMicroUsd),
  dollars('custo_modelo_usd', ({ llmMicroUsd }) => llmMicroUsd),
  dollars('custo_comparacao_usd', ({ shadowMicroUsd }) => shadowMicroUsd),
  number('latencia_transcricao_ms', transcriptionMs),
  number('latencia_modelo_ms', ({ aiRequest, aiResponse }) => between(aiRequest, aiResponse)),
  number('latencia_total_ms', (row) => between(row.speechEnd ?? row.audioReceived, row.clientSent)),
  number('segment_duration_ms', ({ durationMs }) => durationMs),
  number('snr', ({ snr }) => snr),
  text('transcricao_normalizada', 40, ({ normalized }) => normalized),
  text('transcricao_classificacao', 40, ({ classification }) => classification),
  time('ts_speech_end', ({ speechEnd }) => speechEnd),
  time('ts_audio_received', ({ audioReceived }) => audioReceived),
  time('ts_transcription_sent', ({ transcriptionSent }) => transcriptionSent),
  time('ts_transcription_ready', ({ transcriptionReady }) => transcriptionReady),
  time('ts_ai_request', ({ aiRequest }) => aiRequest),
  time('ts_ai_response', ({ aiResponse }) => aiResponse),
  time('ts_client_sent', ({ clientSent }) => clientSent),
  number('versao_config', ({ configVersion }) => configVersion),
  text('versao_prompt', 16, ({ promptVersion }) => promptVersion),
  text('versao_lista', 16, ({ listVersion }) => listVersion),
  text('mock_status', 20, ({ mockStatus }) => mockStatus),
];

/** The cells of one row, in the order of the columns. */
export function cellsOf(row: ExportedRow, wall: Wall): Cell[] {
  return INTERACTION_COLUMNS.map((column) => column.of(row, wall));
}

/** Milliseconds from the end of speech (of older rows: its arrival) to the transcript. */
export function transcriptionMs(row: ExportedRow): number | null {
  return between(row.speechEnd ?? row.audioReceived, row.transcriptionReady);
}

function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : to - from;
}
