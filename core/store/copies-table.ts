import type { Selectable } from 'kysely';

/** `copias`. */
export interface CopiesTable {
  id: string;
  tipo: 'painel' | 'comando';
  estado: 'fazendo' | 'pronta' | 'falhou';
  por: string;
  iniciada_em: Date;
  terminada_em: Date | null;
  batimento_em: Date;
  maquina: string;
  arquivo: string | null;
  bytes: number | null;
  linhas: number | null;
  erro: string | null;
}

/** A copy of the database, made or in the making. */
export interface Copy {
  id: string;
  /** `painel`: its file lies in our folder; `comando`: where `balto backup` was told to put it. */
  kind: CopiesTable['tipo'];
  state: CopiesTable['estado'];
  by: string;
  startedAt: Date;
  finishedAt: Date | null;
  /** On whose disk the file lies. */
  host: string;
  /** Name in the folder of copies; null: the file is in nobody's hands here. */
  file: string | null;
  bytes: number | null;
  /** Rows of all tables. */
  rows: number | null;
  /** Code of what made it fail. */
  failure: string | null;
}

export function toCopy(row: Selectable<CopiesTable>): Copy {
  return {
    id: row.id,
    kind: row.tipo,
    state: row.estado,
    by: row.por,
    startedAt: row.iniciada_em,
    finishedAt: row.terminada_em,
    host: row.maquina,
    file: row.arquivo,
    bytes: row.bytes,
    rows: row.linhas,
    failure: row.erro,
  };
}
