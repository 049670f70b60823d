/**
 * Interactions as reports show them. The database tells them as JSON text, one array a row, so that the thread that hears
 * customers does not take them apart. Times in ms since 1970; money in millionths of a US dollar.
 */
export interface ExportedRow {
  id: number;
  at: number;
  counterName: string | null;
  /** Null: nobody was recognised. */
  employeeName: string | null;
  transcript: string | null;
  recommendation: string | null;
  feedback: string | null;
  sttModel: string | null;
  /** US$. */
  estimatedCost: number | null;
  clientName: string | null;
  counterId: string;
  type: string;
  /** Address of the provider that transcribed; of rows without a decision, its vendor. */
  provider: string | null;
  rule: string | null;
  /** Of the ledger: retries and hedges included, comparisons apart. Null: nothing was billed. */
  sttMicroUsd: number | null;
  llmMicroUsd: number | null;
  shadowMicroUsd: number | null;
  durationMs: number | null;
  snr: number | null;
  normalized: string | null;
  classification: string | null;
  speechEnd: number | null;
  audioReceived: number | null;
  transcriptionSent: number | null;
  transcriptionReady: number | null;
  aiRequest: number | null;
  aiResponse: number | null;
  clientSent: number | null;
  configVersion: number | null;
  promptVersion: string | null;
  listVersion: string | null;
  mockStatus: string | null;
}

/** Each field with the SQL of its value, on `interacoes i`, `balcoes b`, `funcionarios f` and `clientes c`. */
export const EXPORT_COLUMNS: Record<keyof ExportedRow, string> = {
  id: 'i.id',
  at: ms('i.timestamp'),
  counterName: 'b.nome_balcao',
  employeeName: 'f.nome',
  transcript: cell('i.transcricao_completa'),
  recommendation: cell('i.recomendacao_gerada'),
  feedback: 'i.resultado_feedback',
  sttModel: 'i.modelo_stt',
  estimatedCost: 'i.custo_estimado',
  clientName: 'c.razao_social',
  counterId: 'i.balcao_id',
  type: 'i.interaction_type',
  provider: "coalesce(i.decisao->>'address', 'stt/' || i.modelo_stt)",
  rule: "i.decisao->>'rule'",
  sttMicroUsd: billed("u.kind = 'stt' and u.purpose <> 'shadow'"),
  llmMicroUsd: billed("u.kind = 'llm' and u.purpose <> 'shadow'"),
  shadowMicroUsd: billed("u.purpose = 'shadow'"),
  durationMs: 'i.segment_duration_ms',
  snr: 'i.snr',
  normalized: cell('i.transcricao_normalizada'),
  classification: cell('i.transcricao_classificacao'),
  speechEnd: ms('i.ts_speech_end'),
  audioReceived: ms('i.ts_audio_received'),
  transcriptionSent: ms('i.ts_transcription_sent'),
  transcriptionReady: ms('i.ts_transcription_ready'),
  aiRequest: ms('i.ts_ai_request'),
  aiResponse: ms('i.ts_ai_response'),
  clientSent: ms('i.ts_client_sent'),
  configVersion: 'i.versao_config',
  promptVersion: 'i.versao_prompt',
  listVersion: 'i.versao_lista',
  mockStatus: 'i.mock_status',
};

const FIELDS = Object.keys(EXPORT_COLUMNS) as (keyof ExportedRow)[];

/** The rows of one page, in its order. */
export function readRows(json: string): ExportedRow[] {
  const rows = JSON.parse(json) as unknown[][];
  return rows.map((values) => {
    const row: Record<string, unknown> = {};
    for (const [index, field] of FIELDS.entries()) row[field] = values[index] ?? null;
    return row as unknown as ExportedRow;
  });
}

/** As much of a text as a spreadsheet's cell can hold: a page stays small, whatever was said. */
function cell(column: string): string {
  return `left(${column}, 32767)`;
}

function ms(column: string): string {
  return `round(extract(epoch from ${column}) * 1000)::bigint`;
}

/** What the ledger has of one kind; what was only compared is told apart. */
function billed(which: string): string {
  return `(select sum(u.cost_micro_usd)::bigint from usage_ledger u
    where u.interacao_id = i.id and u.cliente_id = i.cliente_id and ${which})`;
}
