import { loadPharmacyData } from '../../core/pharmacy/data.ts';
import { type Complete, type Recommendation, type RecommendDeps, recommend } from '../../core/pharmacy/recommend.ts';
import { NO_TIGHTENING } from '../../core/pharmacy/tightening.ts';
import type { Store } from '../../core/store/index.ts';
import { Products } from '../../core/store/products.ts';
import type { Dialogue } from './dialogues.ts';
import type { Item, Outcome } from './score.ts';

/** Day the labels were written for: what the list allows is dated. */
const TODAY = '2026-11-21';

/** Answers dialogues by the way a counter is answered: retrieval, ranking or model, gate. */
export class EvalHouse {
  readonly #items: ReadonlyMap<number, Item>;
  readonly #deps: RecommendDeps;
  readonly #clientId: string;

  private constructor(items: ReadonlyMap<number, Item>, deps: RecommendDeps, clientId: string) {
    this.#items = items;
    this.#deps = deps;
    this.#clientId = clientId;
  }

  /** With the starter as catalogue, and the client's own items where it has some. `complete` absent: no model is asked. */
  static async open(store: Store, complete?: Complete, clientId = 'avaliacao'): Promise<EvalHouse> {
    const { prompt, lexicon, book, gate, otc, starter } = loadPharmacyData();
    const products = new Products(store.db);
    await products.seedStarter(starter);
    const rows = await store.db.system((trx) =>
      trx.selectFrom('produtos').select(['id', 'codigo', 'nome', 'classe_venda', 'medicamento']).execute(),
    );
    const items = rows.map(
      ({ id, codigo: code, nome: name, classe_venda: saleClass, medicamento: medicine }) =>
        [id, { code, name, saleClass, medicine }] as const,
    );
    const deps: RecommendDeps = {
      retrieve: (clientId, text, limit, tags) => products.retrieve(clientId, text, limit, { tags }),
      ...(complete ? { complete } : {}),
      prompt,
      lexicon,
      book,
      gate,
      otc: { list: otc, tightening: () => NO_TIGHTENING, today: () => TODAY },
    };
    return new EvalHouse(new Map(items), deps, clientId);
  }

  /** Whether the catalogue has an item of this code. */
  has(code: string): boolean {
    return [...this.#items.values()].some((item) => item.code === code);
  }

  async answer(dialogue: Dialogue): Promise<Outcome> {
    const outcome: Outcome = { dialogue, suggested: [], latenciesMs: [], costMicroUsd: 0, sources: [] };
    const shown = new Map<string, Item>();
    for (const [turn, text] of dialogue.turns.entries()) {
      const startedMs = performance.now();
      const recommendation = await this.say(text, dialogue.turns.slice(0, turn));
      outcome.latenciesMs.push(performance.now() - startedMs);
      outcome.costMicroUsd += recommendation.costMicroUsd;
      outcome.sources.push(recommendation.source);
      for (const { productId } of recommendation.items) {
        const item = this.#items.get(productId ?? -1);
        if (item) shown.set(item.code, item);
      }
    }
    outcome.suggested = [...shown.values()];
    return outcome;
  }

  say(text: string, history: string[] = []): Promise<Recommendation> {
    const { signal } = new AbortController();
    return recommend({ clientId: this.#clientId, counterId: 'avaliacao', text, history, signal }, this.#deps);
  }
}
