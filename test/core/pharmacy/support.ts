import type { CatalogueCandidate } from '../../../core/pharmacy/catalogue.ts';
import { loadPharmacyData } from '../../../core/pharmacy/data.ts';
import type { Complete, ModelOutcome, RecommendDeps } from '../../../core/pharmacy/recommend.ts';
import { recommend } from '../../../core/pharmacy/recommend.ts';

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
  score: 0.1,
}));

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

export function ask(text: string, deps: Partial<RecommendDeps> = {}, history: string[] = []) {
  return recommend(
    { clientId: 'c', counterId: 'caixa', text, history, signal: new AbortController().signal },
    { retrieve: async () => starter, prompt: data.prompt, lexicon: data.lexicon, gate: data.gate, ...deps },
  );
}

/** A whole answer in the model's format. */
export function answer(itens: object[], more: object = {}): string {
  return JSON.stringify({
    deve_sugerir: true,
    normalizada: 'SINT:tosse | GARGANTA',
    classificacao: { macros_top2: ['GARGANTA'], micro_categoria: 'tosse', ancoras_para_excluir: [] },
    evidencias: [{ tipo: 'A', trecho: 'estou tossindo' }],
    itens,
    ...more,
  });
}

export function item(candidato_id: number, explicacao = 'Ajuda a aliviar a garganta.', more: object = {}): object {
  return { candidato_id, explicacao, tag: 'garganta_tosse', confianca: 'alta', ...more };
}
