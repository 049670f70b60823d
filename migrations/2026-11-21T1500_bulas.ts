import { type Kysely, sql } from 'kysely';
import type { Column } from './support/table.ts';

/** What the gate and the leaflets need to know of a product: form, composition, stripe and excerpts. */
const COLUMNS: Column[] = [
  ['forma', 'text', 'Forma farmacêutica: comprimido, xarope, creme…; NULL: não se sabe.'],
  [
    'composicao',
    "jsonb not null default '[]'",
    'Princípios ativos: [{substancia, dose, unidade}], por unidade, ml ou g; vazia: não se sabe.',
  ],
  ['tarja', 'text', 'Tarja da embalagem, como veio da origem.'],
  ['indicacao', 'text', 'Da bula: para que serve.'],
  ['contraindicacao', 'text', 'Da bula: quem não pode usar.'],
  ['advertencias', 'text', 'Da bula: advertências e precauções.'],
  ['interacoes', 'text', 'Da bula: interações.'],
  ['bula_url', 'text', 'Endereço da bula, https.'],
  ['bula_versao', 'text', 'Versão ou data da bula de que vieram os trechos.'],
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const [name, definition, meaning] of COLUMNS) {
    await sql.raw(`alter table produtos add column ${name} ${definition}`).execute(db);
    await sql.raw(`comment on column produtos.${name} is '${meaning}'`).execute(db);
  }
}
