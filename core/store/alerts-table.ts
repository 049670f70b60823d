import type { Generated, Selectable } from 'kysely';

/** `alertas`. */
export interface AlertsTable {
  id: Generated<number>;
  cliente_id: string | null;
  tipo: string;
  assunto: string;
  criado_em: Date;
  reconhecido_em: Date | null;
  reconhecido_por: string | null;
}

/** Something that somebody should look at. */
export interface Alert {
  id: number;
  /** Null: of the installation. */
  clientId: string | null;
  /** `<what>.<how>`, e.g. `review.insegura`. */
  kind: string;
  /** `<kind>:<id>`, e.g. `interaction:12`. */
  subject: string;
  at: Date;
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
}

export function toAlert(row: Selectable<AlertsTable>): Alert {
  return {
    id: row.id,
    clientId: row.cliente_id,
    kind: row.tipo,
    subject: row.assunto,
    at: row.criado_em,
    acknowledgedAt: row.reconhecido_em,
    acknowledgedBy: row.reconhecido_por,
  };
}
