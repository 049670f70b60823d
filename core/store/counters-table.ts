import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';
import type { VadSettings } from '../audio/settings.ts';
import { fromVadConfig, type VadConfig } from './vad-config.ts';

/** active: serves; pending: waits for approval; suspended: closed with 4003; revoked: its key is unknown from now on. */
export type CounterStatus = 'active' | 'pending' | 'suspended' | 'revoked';

/** real: stands in a shop; virtual: a browser of the panel, for a while. */
export type CounterKind = 'real' | 'virtual';

/** `balcoes`. */
export interface CountersTable {
  balcao_id: string;
  cliente_id: string;
  user_id: GeneratedAlways<string>;
  nome_balcao: string;
  situacao: Generated<CounterStatus>;
  chave_prefixo: string;
  chave_hash: string;
  vad_config: ColumnType<VadConfig, string | undefined, string>;
  criado_em: Generated<Date>;
  visto_em: Date | null;
  revisao: Generated<number>;
  etiquetas: ColumnType<string[], string | undefined, string>;
  tipo: Generated<CounterKind>;
  aberto_por: string | null;
  expira_em: Date | null;
}

/** One point of service that sends audio. */
export interface Counter {
  counterId: string;
  clientId: string;
  name: string;
  status: CounterStatus;
  /** First characters of its key: enough to recognise it, useless to guess it. */
  keyPrefix: string;
  vad: Partial<VadSettings>;
  createdAt: Date;
  seenAt: Date | null;
  /** For rules that ask for one of several counters. */
  tags: string[];
  kind: CounterKind;
  /** When a virtual counter's key ends; null: never. */
  expiresAt: Date | null;
  /** Grows with every change of the row: its ETag. */
  revision: number;
}

export function toCounter(row: Selectable<CountersTable>): Counter {
  return {
    counterId: row.balcao_id,
    clientId: row.cliente_id,
    name: row.nome_balcao,
    status: row.situacao,
    keyPrefix: row.chave_prefixo,
    vad: fromVadConfig(row.vad_config),
    createdAt: row.criado_em,
    seenAt: row.visto_em,
    tags: row.etiquetas,
    kind: row.tipo,
    expiresAt: row.expira_em,
    revision: row.revisao,
  };
}
