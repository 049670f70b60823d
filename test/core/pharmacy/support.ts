import { type CatalogueCandidate, starterIngredients } from '../../../core/pharmacy/catalogue.ts';
import { loadPharmacyData } from '../../../core/pharmacy/data.ts';
import type { Ground } from '../../../core/pharmacy/gate-rules.ts';
import type { OtcRules } from '../../../core/pharmacy/offering.ts';
import type { Complete, ModelOutcome, RecommendDeps } from '../../../core/pharmacy/recommend.ts';
import { recommend } from '../../../core/pharmacy/recommend.ts';
import { NO_TIGHTENING } from '../../../core/pharmacy/tightening.ts';

export const data = loadPharmacyData();

/** The whole starter as candidates, ids counting from 1: ranking and gate are tested without a database. */
export const starter: CatalogueCandidate[] = data.starter.itens.map((item, index) => ({
  id: index + 1,
  own: false,
  name: item.nome,
  tag: item.tag,
  saleClass: item.classe_venda,
  medicine: item.medicamento,
  substance: item.principio_ativo ?? null,
  indications: item.indicacoes,
  synonyms: item.sinonimos,
  goesWith: item.combina_com ?? [],
  source: data.starter.fonte,
  version: data.starter.versao,
  form: item.forma ?? null,
  ingredients: starterIngredients(item),
  leaflet: null,
  score: 0.1,
}));

const EVERY_NEED = [...new Set(starter.flatMap(({ indications }) => indications))];

export function idOf(name: string): number {
  const found = starter.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`not in the starter: ${name}`);
  return found.id;
}

/** A model that answers `text`; what is no JSON, or what `validate` refuses, fails, as in the runtime. */
export function modelThatSays(text: string): Complete {
  return async (_request, { validate }) => {
    const asked = {
      requestedAt: new Date(1000),
      answeredAt: new Date(2000),
      attempts: [],
      address: 'llm/x',
      raw: text,
      costMicroUsd: 7,
    };
    try {
      return { ...asked, status: 'answered' as const, value: validate(JSON.parse(text)) };
    } catch {
      return { ...asked, status: 'failed' as const, value: null };
    }
  };
}

export const noProvider = async (): Promise<ModelOutcome<never>> => ({
  status: 'no_provider',
  value: null,
  raw: null,
  address: null,
  attempts: [],
  requestedAt: null,
  answeredAt: null,
  costMicroUsd: 0,
});

/** The list as it is, on a day all its lines hold, with nothing tightened. */
export const otc: OtcRules = { list: data.otc, tightening: () => NO_TIGHTENING, today: () => '2026-11-21' };

export function ask(text: string, deps: Partial<RecommendDeps> = {}, history: string[] = []) {
  return recommend(
    { clientId: 'c', counterId: 'caixa', text, history, signal: new AbortController().signal },
    {
      retrieve: async () => starter,
      prompt: data.prompt,
      lexicon: data.lexicon,
      book: data.book,
      gate: data.gate,
      otc,
      ...deps,
    },
  );
}

/** A whole answer in the model's format. */
export function answer(itens: object[], more: object = {}): string {
  return JSON.stringify({
    deve_sugerir: true,
    normalizada: 'SINT:tosse | GARGANTA',
    classificacao: { macros_top2: ['GARGANTA'], micro_categoria: 'tosse', ancoras_para_excluir: [] },
    necessidades: ['tosse'],
    evidencias: [{ tipo: 'A', trecho: 'estou tossindo' }],
    itens,
    ...more,
  });
}

export function item(candidato_id: number, explicacao = 'Ajuda a aliviar a garganta.', more: object = {}): object {
  return { candidato_id, explicacao, tag: 'garganta_tosse', confianca: 'alta', ...more };
}

/** What the gate decides by, where only the conversation differs; `needs` default: everything the starter serves. */
export function ground(more: Partial<Ground> = {}, turns: string[] = [], needs: Iterable<string> = EVERY_NEED): Ground {
  return {
    situation: data.otc.situation.read(turns, { needs }),
    list: data.otc,
    tightening: NO_TIGHTENING,
    today: '2026-11-21',
    ...more,
  };
}

/** A candidate that the list allows, changed at will. */
export function candidate(more: Partial<CatalogueCandidate> = {}): CatalogueCandidate {
  const base = starter.find(({ name }) => name === 'Paracetamol comprimido');
  if (!base) throw new Error('the starter has changed');
  return { ...base, id: 1000, ...more };
}
