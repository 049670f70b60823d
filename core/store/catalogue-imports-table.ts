import type { ColumnType, Generated, Selectable } from 'kysely';

export type ImportState =
  | 'lendo'
  | 'ativando'
  | 'conferida'
  | 'concluida'
  | 'recusada'
  | 'falhou'
  | 'desfazendo'
  | 'desfeita';

/** `catalogo_importacoes`. */
export interface ImportsTable {
  id: Generated<number>;
  cliente_id: string;
  arquivo: string;
  bytes: number;
  sha256: string;
  formato: string | null;
  ensaio: boolean;
  parcial: boolean;
  estado: ImportState;
  autor: string;
  criado_em: Date;
  terminado_em: Date | null;
  processo: string | null;
  sinal_em: Date;
  lidas: Generated<number>;
  validas: Generated<number>;
  erros: Generated<number>;
  posicao: Generated<number>;
  novas: Generated<number>;
  alteradas: Generated<number>;
  iguais: Generated<number>;
  desfazivel: Generated<boolean>;
  erro_codigo: string | null;
  erro_mensagem: string | null;
}

/** `catalogo_importacao_linhas`. Items are JSON with the columns of `produtos`. */
export interface ImportLinesTable {
  importacao_id: number;
  ordem: number;
  cliente_id: string;
  codigo: string;
  produto: ColumnType<object | null, string | null, string | null>;
  anterior: ColumnType<object | null, string | null, string | null>;
}

/** `catalogo_importacao_avisos`. */
export interface ImportIssuesTable {
  importacao_id: number;
  ordem: number;
  cliente_id: string;
  linha: number;
  coluna: string | null;
  codigo: string;
  mensagem: string;
  item: string | null;
  mantido: boolean | null;
  regra: string | null;
}

/** An import of a client's catalogue. */
export interface CatalogueImport {
  id: number;
  clientId: string;
  fileName: string;
  bytes: number;
  sha256: string;
  /** `csv`, `xlsx`, `produtos`, `cestas`, `consulta`; null: not known yet. */
  format: string | null;
  /** Nothing changes in the catalogue. */
  dryRun: boolean;
  /** Rows with errors are left out instead of refusing the file. */
  partial: boolean;
  state: ImportState;
  author: string;
  createdAt: Date;
  finishedAt: Date | null;
  /** Rows read, and of those that can go in how many went through so far. */
  read: number;
  valid: number;
  errors: number;
  position: number;
  added: number;
  changed: number;
  same: number;
  canUndo: boolean;
  failure: { code: string; message: string } | null;
}

export function toImport(row: Selectable<ImportsTable>): CatalogueImport {
  const { erro_codigo: code, erro_mensagem: message } = row;
  return {
    id: row.id,
    clientId: row.cliente_id,
    fileName: row.arquivo,
    bytes: row.bytes,
    sha256: row.sha256,
    format: row.formato,
    dryRun: row.ensaio,
    partial: row.parcial,
    state: row.estado,
    author: row.autor,
    createdAt: row.criado_em,
    finishedAt: row.terminado_em,
    read: row.lidas,
    valid: row.validas,
    errors: row.erros,
    position: row.posicao,
    added: row.novas,
    changed: row.alteradas,
    same: row.iguais,
    canUndo: row.desfazivel,
    failure: code === null ? null : { code, message: message ?? '' },
  };
}

/** What the report says of one row. */
export interface ImportIssue {
  order: number;
  row: number;
  column: string | null;
  code: string;
  message: string;
  item: string | null;
  kept: boolean | null;
  rule: string | null;
}

export function toIssue(row: Selectable<ImportIssuesTable>): ImportIssue {
  return {
    order: row.ordem,
    row: row.linha,
    column: row.coluna,
    code: row.codigo,
    message: row.mensagem,
    item: row.item,
    kept: row.mantido,
    rule: row.regra,
  };
}
