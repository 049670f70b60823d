import type { CatalogueCandidate } from './catalogue.ts';
import type { Confidence, ItemChoice, RecommendedItem } from './choice.ts';
import type { GateData, GateDecision } from './gate.ts';
import type { Ground } from './gate-rules.ts';
import type { LeafletExcerpts, LeafletField } from './leaflet.ts';
import type { Lexicon } from './lexicon.ts';
import type { MedicineBook } from './medicines.ts';
import { type Reading, read, retrievalText } from './needs.ts';
import { groundOf, type OtcRules, offered } from './offering.ts';
import { type Alarm, alarmOf } from './pharmacist-call.ts';
import { buildRequest, type Prompt } from './prompt.ts';
import { type Ranked, rank } from './ranking.ts';
import type { Complete, ModelOutcome, Recommendation } from './recommendation.ts';
import { evidenceIn, restrain } from './restraint.ts';
import { answerFormat, checkAnswer, type ModelAnswer } from './schema.ts';
import { clip, oneLine } from './text.ts';

export type { Complete, ModelOutcome, Recommendation } from './recommendation.ts';

export interface RecommendInput {
  clientId: string;
  counterId: string;
  /** What the context gathered. */
  text: string;
  /** Earlier turns of the same conversation, oldest first. */
  history: string[];
  /** Folded words of `text` that the recogniser was not sure of. */
  doubtful?: readonly string[];
  signal: AbortSignal;
}

export interface RecommendDeps {
  /** `tags`: of the needs that were heard. */
  retrieve(clientId: string, text: string, limit: number, tags: readonly string[]): Promise<CatalogueCandidate[]>;
  /** Absent: no language model is configured. */
  complete?: Complete | undefined;
  prompt: Prompt;
  lexicon: Lexicon;
  book: MedicineBook;
  gate: GateData;
  otc: OtcRules;
}

const MAX_CANDIDATES = 40;
const MAX_RAW = 20_000;
/** Choices looked at: more than a card holds, so that the gate can say what it dropped. */
const MAX_CHOICES = 12;
const MAX_NEEDS = 10;

/**
 * What would help the customer who said this: retrieves catalogue items, lets the model choose among them, and passes
 * the choice through the gate. With no model configured, or all of them down, the catalogue's own ranking answers at once.
 * Talk of prices, payment and doses alone is put to nobody.
 */
export async function recommend(input: RecommendInput, deps: RecommendDeps): Promise<Recommendation> {
  const reading = read(input.text, deps.lexicon, input.history);
  const alarm = alarmOf(input, deps.otc.list);
  if (alarm) return alarmed(alarm, reading, input, deps);
  if (reading.open.length === 0 && reading.needs.length === 0) return nobody(deps, nothingAsked(reading, deps));
  let candidates: CatalogueCandidate[];
  try {
    candidates = await retrieve(input, reading, deps);
  } catch (error) {
    return nobody(deps, catalogueAway(error, deps));
  }
  const { lexicon, book } = deps;
  const doubtful = new Set(input.doubtful);
  const ranked = rank({ reading, history: input.history, candidates, doubtful, lexicon, book });
  const { request, leaflets } = buildRequest(deps.prompt, {
    ...input,
    candidates: likeliestFirst(ranked, candidates),
    doubtful: ranked.mentions.doubtful,
    format: answerFormat(lexicon),
  });
  const outcome = await deps.complete?.(request, { validate: checkAnswer, signal: input.signal });
  const ran = outcome ? modelPart(outcome, deps.prompt) : NO_MODEL;
  if (input.signal.aborted && outcome?.status !== 'answered') return { ...nobody(deps), ...ran };
  const common = { ...ran, candidates: candidates.map(toRow), listVersion: deps.otc.list.version };
  const send = { input, candidates, ranked, leaflets, reading, ground: groundOf(input, reading, candidates, deps) };
  if (outcome?.status === 'answered' && outcome.value) return { ...common, ...fromModel(outcome.value, send, deps) };
  return { ...common, ...fromRanking(send, deps) };
}

/** A person is called, or was called already in this conversation: no model is asked, nothing is offered. */
function alarmed(alarm: Alarm, reading: Reading, { history }: RecommendInput, deps: RecommendDeps): Recommendation {
  const { lexicon, book } = deps;
  const none = { candidates: [], doubtful: new Set<string>() };
  const { normalized, classification, evidence } = rank({ reading, history, ...none, lexicon, book });
  return {
    ...nobody(deps, alarm.decision),
    source: 'alerta',
    items: alarm.item ? [alarm.item] : [],
    confidence: 'alta',
    normalized,
    classification,
    evidence: evidence.map((each) => ({ ...each, found: true })),
  };
}

function retrieve(
  { clientId, text }: RecommendInput,
  reading: Reading,
  deps: RecommendDeps,
): Promise<CatalogueCandidate[]> {
  const meant = deps.book.namedIn(reading.all).flatMap(({ substances }) => substances);
  const tags = [...new Set(reading.needs.map(({ need }) => need.tag))];
  return deps.retrieve(clientId, retrievalText(text, reading, meant), MAX_CANDIDATES, tags);
}

/** What something speaks for comes before what was merely found. */
function likeliestFirst({ scored }: Ranked, candidates: readonly CatalogueCandidate[]): CatalogueCandidate[] {
  return [...new Set([...scored.map(({ candidate }) => candidate), ...candidates])];
}

/** One send, read and ranked. */
interface Send {
  input: RecommendInput;
  reading: Reading;
  candidates: readonly CatalogueCandidate[];
  ranked: Ranked;
  /** Shown to the model. */
  leaflets: readonly LeafletExcerpts[];
  /** What the gate decides by. */
  ground: Ground;
}

type Chosen = Pick<
  Recommendation,
  'items' | 'gate' | 'source' | 'confidence' | 'normalized' | 'classification' | 'evidence' | 'basis'
>;

type ModelPart = Pick<
  Recommendation,
  'raw' | 'attempts' | 'costMicroUsd' | 'tsAiRequest' | 'tsAiResponse' | 'promptVersion'
>;

const NO_MODEL: ModelPart = {
  raw: null,
  attempts: [],
  costMicroUsd: 0,
  tsAiRequest: null,
  tsAiResponse: null,
  promptVersion: null,
};

function modelPart(outcome: ModelOutcome<ModelAnswer>, prompt: Prompt): ModelPart {
  return {
    raw: outcome.raw === null ? null : outcome.raw.slice(0, MAX_RAW),
    attempts: outcome.attempts,
    costMicroUsd: outcome.costMicroUsd,
    tsAiRequest: outcome.requestedAt,
    tsAiResponse: outcome.answeredAt,
    promptVersion: outcome.status === 'no_provider' ? null : prompt.version,
  };
}

function fromModel(answer: ModelAnswer, send: Send, deps: RecommendDeps): Chosen {
  const { input, candidates, ranked, leaflets } = send;
  const evidence = evidenceIn(answer, [...input.history, input.text]);
  const wanted: ItemChoice[] = answer.deve_sugerir
    ? answer.itens.slice(0, MAX_CHOICES).map((item) => ({
        candidateId: item.candidato_id,
        explanation: item.explicacao,
        tag: item.tag,
        confidence: item.confianca,
      }))
    : [];
  const limits = { ...send, lexicon: deps.lexicon, listVersion: deps.otc.list.version };
  const { choices, decisions, allowance } = restrain(wanted, answer, evidence, limits);
  const gated = offered(choices, candidates, send.ground, { ...deps.gate, maxItems: allowance.items });
  const shown = leaflets.filter(({ candidateId }) => gated.items.some(({ productId }) => productId === candidateId));
  return {
    items: gated.items,
    gate: [...decisions, ...gated.decisions],
    source: 'llm',
    confidence: confidenceOf(gated.items, choices),
    normalized: clip(oneLine(answer.normalizada), 500) || 'NADA_RELEVANTE | OUTRO',
    classification: {
      macros_top2: answer.classificacao.macros_top2.slice(0, 2).map(label),
      micro_categoria: label(answer.classificacao.micro_categoria),
      ancoras_para_excluir: answer.classificacao.ancoras_para_excluir.slice(0, 10).map(label),
    },
    evidence,
    basis: {
      needs: [...new Set(answer.necessidades)].slice(0, MAX_NEEDS),
      allowance: allowance.rule,
      doubtful: [...ranked.mentions.doubtful],
      leaflets: shown.map(({ candidateId, excerpts, version }) => ({
        candidateId,
        fields: Object.keys(excerpts) as LeafletField[],
        version,
      })),
    },
  };
}

function fromRanking({ reading, ranked, candidates, ground }: Send, deps: RecommendDeps): Chosen {
  const { allowance, mentions, scored } = ranked;
  const limits = { ...deps.gate, maxItems: allowance.items };
  const { items, decisions } = offered(ranked.choices, candidates, ground, limits);
  const read = scored.filter(({ reason, candidate }) => reason.leaflet && isOn(items, candidate));
  return {
    items,
    gate: decisions,
    source: 'catalogue',
    confidence: confidenceOf(items, ranked.choices),
    normalized: ranked.normalized,
    classification: ranked.classification,
    evidence: ranked.evidence.map((each) => ({ ...each, found: true })),
    basis: {
      needs: reading.needs.map(({ need }) => need.name).slice(0, MAX_NEEDS),
      allowance: allowance.rule,
      doubtful: [...mentions.doubtful],
      leaflets: read.map(({ candidate }) => ({
        candidateId: candidate.id,
        fields: ['indicacao'],
        version: candidate.leaflet?.version ?? null,
      })),
    },
  };
}

function isOn(items: readonly RecommendedItem[], { id }: CatalogueCandidate): boolean {
  return items.some(({ productId }) => productId === id);
}

function label(text: string): string {
  return clip(oneLine(text), 80);
}

/** The card's confidence is that of its first item. */
function confidenceOf(items: readonly RecommendedItem[], choices: readonly ItemChoice[]): Confidence {
  const [first] = items;
  return choices.find(({ candidateId }) => candidateId === first?.productId)?.confidence ?? 'baixa';
}

function nobody(deps: RecommendDeps, ...decisions: GateDecision[]): Recommendation {
  return {
    ...NO_MODEL,
    items: [],
    source: 'none',
    confidence: 'baixa',
    normalized: null,
    classification: null,
    candidates: [],
    gate: decisions,
    listVersion: deps.otc.list.version,
    evidence: [],
    basis: null,
  };
}

/** Nothing in it wants anything: all of it is talk of prices, paying and doses, or asks about symptoms. */
function nothingAsked({ intents }: Reading, { otc }: RecommendDeps): GateDecision {
  const about = intents.length > 0 ? ` (${intents.join(', ')})` : '';
  return {
    rule: 'assunto_sem_sugestao',
    ruleId: null,
    listVersion: otc.list.version,
    allowed: false,
    reason: `a conversa não fala de necessidade${about}`,
    candidateId: null,
    name: null,
  };
}

/** The row says why nothing was suggested, by the error's code; its text stays out. */
function catalogueAway(error: unknown, { otc }: RecommendDeps): GateDecision {
  const code = String((error as { code?: unknown } | null)?.code ?? 'desconhecido').slice(0, 60);
  return {
    rule: 'catalogo_indisponivel',
    ruleId: null,
    listVersion: otc.list.version,
    allowed: false,
    reason: `o catálogo não pôde ser lido (${code})`,
    candidateId: null,
    name: null,
  };
}

function toRow(candidate: CatalogueCandidate): Recommendation['candidates'][number] {
  return {
    id: candidate.id,
    nome: candidate.name,
    classe_venda: candidate.saleClass,
    pontos: Number(candidate.score.toFixed(4)),
  };
}
