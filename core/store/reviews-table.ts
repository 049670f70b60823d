import type { Generated, Selectable } from 'kysely';

export type Verdict = 'util' | 'errada' | 'insegura';

/** `avaliacoes`. */
export interface ReviewsTable {
  id: Generated<number>;
  cliente_id: string;
  interacao_id: number;
  autor: string;
  criado_em: Date;
  transcricao_ok: boolean;
  texto_corrigido: string | null;
  palavras: number | null;
  erros: number | null;
  provedor: string | null;
  recomendacao: Verdict | null;
  nota: string | null;
  substituida_em: Date | null;
}

/** What somebody who listened thinks of an utterance and its card. */
export interface Review {
  id: number;
  clientId: string;
  interactionId: number;
  /** `admin:<id>` or `token:<id>`. */
  author: string;
  at: Date;
  transcriptOk: boolean;
  correctedText: string | null;
  /** Words that were said, and word errors of what was understood; null: nobody said what is right. */
  words: number | null;
  errors: number | null;
  /** Address that transcribed. */
  provider: string | null;
  recommendation: Verdict | null;
  note: string | null;
  /** When a newer one of the same author took its place. */
  replacedAt: Date | null;
}

export function toReview(row: Selectable<ReviewsTable>): Review {
  return {
    id: row.id,
    clientId: row.cliente_id,
    interactionId: row.interacao_id,
    author: row.autor,
    at: row.criado_em,
    transcriptOk: row.transcricao_ok,
    correctedText: row.texto_corrigido,
    words: row.palavras,
    errors: row.erros,
    provider: row.provedor,
    recommendation: row.recomendacao,
    note: row.nota,
    replacedAt: row.substituida_em,
  };
}
