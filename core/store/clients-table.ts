import type { ColumnType, Generated, Selectable } from 'kysely';
import type { VadSettings } from '../audio/settings.ts';
import { fromVadConfig, type VadConfig } from './vad-config.ts';

/** `clientes`. */
export interface ClientsTable {
  cliente_id: string;
  email: string;
  razao_social: string;
  telefone: string | null;
  codigo_hash: string | null;
  codigo_criado_em: Date | null;
  codigo_expira_em: Date | null;
  vad_config: ColumnType<VadConfig, string | undefined, string>;
  criado_em: Generated<Date>;
  revisao: Generated<number>;
  vozes_revisao: Generated<number>;
}

/** A pharmacy, or a chain, that owns counters. */
export interface Client {
  clientId: string;
  email: string;
  companyName: string;
  phone: string | null;
  vad: Partial<VadSettings>;
  createdAt: Date;
  /** Grows with every change of the row: its ETag. */
  revision: number;
}

export function toClient(row: Selectable<ClientsTable>): Client {
  return {
    clientId: row.cliente_id,
    email: row.email,
    companyName: row.razao_social,
    phone: row.telefone,
    vad: fromVadConfig(row.vad_config),
    createdAt: row.criado_em,
    revision: row.revisao,
  };
}
