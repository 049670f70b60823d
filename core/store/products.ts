import { isDeepStrictEqual } from 'node:util';
import { sql, type Transaction } from 'kysely';
import { type CatalogueCandidate, type StarterCatalogue, starterIngredients } from '../pharmacy/catalogue.ts';
import { STOPWORDS } from '../pharmacy/stopwords.ts';
import { foldedWords } from '../pharmacy/text.ts';
import type { Database } from './database.ts';
import { type ProductInput, toRow } from './product-rows.ts';
import { CANDIDATE_COLUMNS, toCandidate } from './products-table.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** Bounds of one search: the newest words of a long text count. */
const MAX_TERMS = 24;
const MAX_LIMIT = 100;

/** What a search is about beside its words. */
export interface RetrievalScope {
  /** Tags of the needs that were heard: the client's things of these tags come too, where they say nothing of what they are for. */
  tags?: readonly string[];
  /** Only the client's own items; the starter still leads to them. */
  ownOnly?: boolean;
}

/** The catalogue: the global starter, seen by all, under each client's own items. */
export class Products {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Active items that `text` may be about, best first, prescription ones included (the gate drops them and says so).
   * Words match by Portuguese stem or without accents, in names, synonyms, needs and companions; a word found nowhere
   * is looked up as a slip of a name. What is found brings the other items of its substances: brand and generic, both ways.
   * At most 8 items of one tag, or 4 of one substance, so that one need does not crowd out the next.
   * @throws BaltoError `BALTO_STORE_AWAY`.
   */
  retrieve(clientId: string, text: string, limit = 40, scope: RetrievalScope = {}): Promise<CatalogueCandidate[]> {
    const words = contentWords(text);
    const { tags = [], ownOnly = false } = scope;
    if (words.accented.length === 0) return Promise.resolve([]);
    return this.#db.tenant(clientId, async (trx) => {
      const rows = await trx
        .selectFrom(
          sql<{ produto: number; pontos: number }>`balto_buscar_produtos(
            ${words.accented}::text[], ${words.folded}::text[], ${tags}::text[], ${ownOnly}, ${Math.min(limit, MAX_LIMIT)})`.as(
            'achado',
          ),
        )
        .innerJoin('produtos as p', 'p.id', 'achado.produto')
        .select(CANDIDATE_COLUMNS.map((column) => `p.${column}` as const))
        .select('achado.pontos')
        .where((where) => where.or([where('p.cliente_id', 'is', null), where('p.cliente_id', '=', clientId)]))
        .orderBy('achado.pontos', 'desc')
        .orderBy('p.id')
        .execute();
      return rows.map(({ pontos, ...row }) => toCandidate(row, pontos));
    });
  }

  /** Names of a client's own active products, medicines first; the starter's are everyday words that need no help. */
  names(clientId: string, limit: number): Promise<{ name: string; substance: string | null }[]> {
    return this.#db.tenant(clientId, (trx) =>
      trx
        .selectFrom('produtos')
        .select(['nome as name', 'principio_ativo as substance'])
        .where('cliente_id', '=', clientId)
        .where('ativo', '=', true)
        .orderBy('medicamento', 'desc')
        .orderBy('id')
        .limit(limit)
        .execute(),
    );
  }

  /** Adds or replaces items of one client's catalogue; returns how many. */
  upsert(clientId: string, products: ProductInput[]): Promise<number> {
    return this.#db.tenant(clientId, (trx) => put(trx, clientId, products));
  }

  /**
   * Brings the global starter to the given version: items are added and replaced, those it no longer has are switched
   * off (interactions may still name them). Only what differs is written: most starts change nothing. Returns the number
   * of items.
   */
  seedStarter(starter: StarterCatalogue): Promise<number> {
    const products = starter.itens.map((item) => ({
      code: item.codigo,
      name: item.nome,
      tag: item.tag,
      saleClass: item.classe_venda,
      medicine: item.medicamento,
      substance: item.principio_ativo ?? null,
      indications: item.indicacoes,
      synonyms: item.sinonimos,
      goesWith: item.combina_com ?? [],
      source: starter.fonte,
      version: starter.versao,
      form: item.forma ?? null,
      ingredients: starterIngredients(item),
    }));
    return this.#db.system(async (trx) => {
      await put(trx, null, await changed(trx, products));
      await trx
        .updateTable('produtos')
        .set({ ativo: false })
        .where('cliente_id', 'is', null)
        .where(
          'codigo',
          'not in',
          products.map(({ code }) => code),
        )
        .where('ativo', '=', true)
        .execute();
      return products.length;
    });
  }
}

/** Those of the starter's `products` whose row is not yet as they say. */
async function changed(trx: Transaction<Tables>, products: ProductInput[]): Promise<ProductInput[]> {
  const rows = await trx
    .selectFrom('produtos')
    .selectAll()
    .where('cliente_id', 'is', null)
    .where('ativo', '=', true)
    .execute();
  const stored = new Map(rows.map((row) => [row.codigo, row as Record<string, unknown>]));
  return products.filter((product) => {
    const row = stored.get(product.code);
    const { composicao, ...columns } = toRow(null, product);
    const wanted = Object.entries({ ...columns, composicao: JSON.parse(composicao) as unknown });
    return !row || wanted.some(([column, value]) => !isDeepStrictEqual(row[column], value));
  });
}

/** Rows per statement: bounds one statement's parameters and time. */
const CHUNK = 200;

async function put(trx: Transaction<Tables>, clientId: string | null, products: ProductInput[]): Promise<number> {
  for (let start = 0; start < products.length; start += CHUNK) {
    const rows = products.slice(start, start + CHUNK).map((product) => toRow(clientId, product));
    await trx
      .insertInto('produtos')
      .values(rows)
      .onConflict((conflict) =>
        conflict.expression(sql`coalesce(cliente_id, ''), codigo`).doUpdateSet((row) => ({
          nome: row.ref('excluded.nome'),
          tag: row.ref('excluded.tag'),
          classe_venda: row.ref('excluded.classe_venda'),
          medicamento: row.ref('excluded.medicamento'),
          principio_ativo: row.ref('excluded.principio_ativo'),
          indicacoes: row.ref('excluded.indicacoes'),
          sinonimos: row.ref('excluded.sinonimos'),
          combina_com: row.ref('excluded.combina_com'),
          preco_centavos: row.ref('excluded.preco_centavos'),
          ativo: row.ref('excluded.ativo'),
          fonte: row.ref('excluded.fonte'),
          versao: row.ref('excluded.versao'),
          forma: row.ref('excluded.forma'),
          composicao: row.ref('excluded.composicao'),
          tarja: row.ref('excluded.tarja'),
          indicacao: row.ref('excluded.indicacao'),
          contraindicacao: row.ref('excluded.contraindicacao'),
          advertencias: row.ref('excluded.advertencias'),
          interacoes: row.ref('excluded.interacoes'),
          bula_url: row.ref('excluded.bula_url'),
          bula_versao: row.ref('excluded.bula_versao'),
          importacao_id: null,
          revisao: sql`produtos.revisao + 1`,
        })),
      )
      .execute();
  }
  return products.length;
}

/** Folded words of form and measure that half a catalogue shares: they find nothing unless they stand alone. */
const FORMS = new Set(
  (
    'comprimido comprimidos capsula capsulas xarope pomada creme gel spray gota gotas sache solucao locao caixa frasco ' +
    'remedio remedios medicamento produto mg ml mcg miligramas gramas unidades infantil adulto'
  ).split(' '),
);

/** The newest words that can mean a product or a need, each with its accents and without. */
function contentWords(text: string): { accented: string[]; folded: string[] } {
  const found = new Map<string, string>();
  const words =
    cleanText(text)
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  for (let index = words.length - 1; index >= 0 && found.size < MAX_TERMS; index--) {
    const word = (words[index] ?? '').slice(0, 60);
    const plain = foldedWords(word)[0] ?? '';
    if (plain.length < 2 || STOPWORDS.has(plain) || found.has(plain)) continue;
    found.set(plain, word);
  }
  const all = [...found].reverse();
  const telling = all.filter(([plain]) => !FORMS.has(plain));
  const pairs = telling.length > 0 ? telling : all;
  return { accented: pairs.map(([, word]) => word), folded: pairs.map(([plain]) => plain) };
}
