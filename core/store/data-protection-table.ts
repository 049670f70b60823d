import type { ColumnType, Generated, JSONColumnType, Selectable } from 'kysely';

/** What people's data is used for. */
export const PURPOSES = ['atendimento', 'reconhecimento_de_voz', 'guarda_de_audio'] as const;
export type ProcessingPurpose = (typeof PURPOSES)[number];

/** The bases of LGPD art. 11: speech at a pharmacy's counter is data about health, and a voiceprint is biometric. */
export const LEGAL_BASES = [
  'consentimento',
  'obrigacao_legal',
  'exercicio_de_direitos',
  'protecao_da_vida',
  'tutela_da_saude',
  'prevencao_a_fraude',
] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** `bases_legais`. */
export interface LegalBasesTable {
  id: Generated<number>;
  cliente_id: string;
  finalidade: ProcessingPurpose;
  base: LegalBasis;
  descricao: string;
  riscos: string | null;
  medidas: string | null;
  registrado_em: Date;
  registrado_por: string;
  valido_ate: Date | null;
  encerrado_em: Date | null;
}

/** `protecao_dados`. */
export interface DataProtectionTable {
  cliente_id: string;
  revisao: Generated<number>;
  transcricao_dias: number | null;
  metricas_meses: number | null;
  audio_dias: number | null;
  audio_ate: Date | null;
  audio_motivo: string | null;
  audio_base: LegalBasis | null;
  audio_desde: Date | null;
  audio_por: string | null;
  atualizado_em: Date;
}

/** `recibos_lgpd`. */
export interface ReceiptsTable {
  id: string;
  cliente_id: string;
  acao: 'export' | 'erase';
  escopo: JSONColumnType<object, string, never>;
  contagens: JSONColumnType<Record<string, number>, string, never>;
  nao_alcancado: JSONColumnType<string[], string, never>;
  hash: string;
  em: Date;
  por: string;
}

/** `scheduled_jobs`. */
export interface ScheduledJobsTable {
  name: string;
  next_at: Date;
  claimed_by: string | null;
  claimed_until: Date | null;
  last_at: Date | null;
  last_result: ColumnType<object | null, string | null, string | null>;
}

/** One basis that a client gave for one purpose. */
export interface LegalBasisRecord {
  id: number;
  clientId: string;
  purpose: ProcessingPurpose;
  basis: LegalBasis;
  description: string;
  risks: string | null;
  measures: string | null;
  at: Date;
  by: string;
  validUntil: Date | null;
  /** Null: it is the one in force. */
  endedAt: Date | null;
}

export function toLegalBasis(row: Selectable<LegalBasesTable>): LegalBasisRecord {
  return {
    id: row.id,
    clientId: row.cliente_id,
    purpose: row.finalidade,
    basis: row.base,
    description: row.descricao,
    risks: row.riscos,
    measures: row.medidas,
    at: row.registrado_em,
    by: row.registrado_por,
    validUntil: row.valido_ate,
    endedAt: row.encerrado_em,
  };
}

/** How long each class of data is kept, where the client said nothing. */
export const DEFAULT_RETENTION = { transcriptDays: 30, metricsMonths: 13, audioDays: 0 } as const;

/** Voices while they are kept: why, on which basis, until when. */
export interface AudioKeeping {
  reason: string;
  basis: LegalBasis;
  since: Date;
  until: Date;
  by: string;
}

/** What holds for one client. */
export interface DataProtection {
  clientId: string;
  /** 0: nobody has changed anything yet. */
  revision: number;
  retention: { transcriptDays: number; metricsMonths: number; audioDays: number };
  /** Null: no voice is kept. */
  audio: AudioKeeping | null;
}

/** What holds for a client, as its row says, or as it is without one. */
export function toDataProtection(clientId: string, row: Selectable<DataProtectionTable> | undefined): DataProtection {
  return {
    clientId,
    revision: row?.revisao ?? 0,
    retention: {
      transcriptDays: row?.transcricao_dias ?? DEFAULT_RETENTION.transcriptDays,
      metricsMonths: row?.metricas_meses ?? DEFAULT_RETENTION.metricsMonths,
      audioDays: row?.audio_dias ?? DEFAULT_RETENTION.audioDays,
    },
    audio: row ? toAudio(row) : null,
  };
}

function toAudio(row: Selectable<DataProtectionTable>): AudioKeeping | null {
  const { audio_ate, audio_motivo, audio_base, audio_desde, audio_por } = row;
  if (!audio_ate || !audio_motivo || !audio_base || !audio_desde || !audio_por) return null;
  return { reason: audio_motivo, basis: audio_base, since: audio_desde, until: audio_ate, by: audio_por };
}
