import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import type { Log } from '../contracts/index.ts';
import type { Database } from './database.ts';

interface Row {
  table: string;
  kind: 'r' | 'v';
  meaning: string | null;
  column: string;
  type: string;
  nullable: boolean;
  generated: boolean;
  columnMeaning: string | null;
}

const HEAD = `# Banco de dados

<!-- Gerado por \`npm run docs:banco\` a partir das migrações; não edite à mão. -->

O mesmo em qualquer dos dois bancos: o embutido, na pasta de dados, ou um Postgres externo. Os horários são guardados com
fuso (\`timestamptz\`). As linhas de cada cliente são isoladas por segurança de linha: uma transação com o papel \`balto_app\`
só vê as do cliente que ela nomeou em \`balto.cliente\`.

Esta consulta, usada por relatórios, funciona como está:

\`\`\`sql
SELECT i.*, b.nome_balcao, f.nome FROM interacoes i
LEFT JOIN balcoes b ON i.balcao_id = b.balcao_id
LEFT JOIN funcionarios f ON i.funcionario_id = f.id
\`\`\`
`;

/** The manual of tables and columns (Markdown, pt-BR), read from a migrated database: the comments are the meaning. */
export async function describeDatabase(db: Database): Promise<string> {
  const { rows } = await db.system((trx) =>
    sql<Row>`
      select c.relname as table, c.relkind as kind, obj_description(c.oid, 'pg_class') as meaning, a.attname as column,
        format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable, a.attgenerated <> '' as generated,
        col_description(c.oid, a.attnum) as "columnMeaning"
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v') and c.relname not like 'kysely%'
      order by c.relname, a.attnum`.execute(trx),
  );
  const tables = new Map<string, Row[]>();
  for (const row of rows) tables.set(row.table, [...(tables.get(row.table) ?? []), row]);
  return [HEAD, ...[...tables.values()].map(section)].join('\n');
}

function section(columns: Row[]): string {
  const [first] = columns;
  if (!first) return '';
  const title = `## \`${first.table}\`${first.kind === 'v' ? ' (visão)' : ''}`;
  const lines = columns.map(
    (column) => `| ${[`\`${column.column}\``, typeOf(column), meaningOf(column)].join(' | ')} |`,
  );
  return [title, '', first.meaning ?? '', '', '| coluna | tipo | significado |', '|---|---|---|', ...lines, ''].join(
    '\n',
  );
}

function typeOf(column: Row): string {
  const type = column.type.replace('timestamp', 'timestamp ').replace('  ', ' ').trim();
  const short = type
    .replace(/timestamp *(\(\d\))? with time zone/, 'timestamptz')
    .replace('without time zone', '')
    .trim();
  return column.nullable || column.kind === 'v' ? short : `${short}, obrigatória`;
}

function meaningOf(column: Row): string {
  return (column.columnMeaning ?? '').replaceAll('|', '\\|');
}

/** Where the manual stands. */
export const MANUAL = new URL('../../docs/banco.md', import.meta.url);

/** `npm run docs:banco`: writes the manual from an embedded database made for it. `--check`: only says whether it is up to date. */
async function main(check: boolean): Promise<void> {
  const { mkdtemp, rm } = await import('node:fs/promises');
  const { openDatabase } = await import('./database.ts');
  const dataDir = await mkdtemp(join(tmpdir(), 'balto-docs-'));
  const quiet = (): void => {};
  const log: Log = { debug: quiet, info: quiet, warn: console.warn, error: console.error };
  try {
    const db = await openDatabase({ dataDir, log });
    const manual = await describeDatabase(db);
    await db.close();
    if (!check) await writeFile(MANUAL, manual);
    else if ((await readFile(MANUAL, 'utf8')) !== manual) process.exitCode = 1;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.includes('--check'));
