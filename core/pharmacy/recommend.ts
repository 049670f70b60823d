import type { LlmRequest, Usage } from '../contracts/index.ts';
import type { Purpose } from '../store/interaction.ts';
import type { CatalogueCandidate } from './catalogue.ts';
import type { Classification, Confidence, ItemChoice, RecommendedItem } from './choice.ts';
import { type GateData, type GateDecision, gate } from './gate.ts';
import type { Lexicon } from './lexicon.ts';
import { read, retrievalText } from './needs.ts';
import { buildRequest, type Prompt } from './prompt.ts';
import { type Ranked, rank } from './ranking.ts';
import { checkAnswer, type ModelAnswer } from './schema.ts';
import { clip, fold, oneLine } from './text.ts';

export interface RecommendInput {
  clientId: string;
  counterId: string;
  /** What the context gathered. */
  text: string;
  /** Earlier turns of the same conversation, oldest first. */
  history: string[];
  signal: AbortSignal;
}

/** One attempt at a model, as the runtime reports it: kept with the interaction and billed from. */
export interface ModelAttempt {
  address: string;
  purpose: Purpose;
  model?: string;
  mode: 'batch' | 'stream';
  outcome: 'answered' | 'empty' | 'failed' | 'aborted';
  error?: { code: string; blame: string; vendorCode?: string };
  startedAt: string;
  queueMs: number;
  durationMs: number;
  firstByteMs: number | null;
  replayedMs: number;
  requestId?: string;
  usage: Usage[];
  costMicroUsd: number;
}

/** How one call of the language model ended, over all its candidates. */
export interface ModelOutcome<T> {
  status: 'answered' | 'failed' | 'no_provider';
  value: T | null;
  /** The text that was answered, as it came. */
  raw: string | null;
  address: string | null;
  attempts: ModelAttempt[];
  requestedAt: Date | null;
  answeredAt: Date | null;
  costMicroUsd: number;
}

/** Runs one request until a candidate's parsed answer passes `validate` (which throws when it will not do). */
export type Complete = <T>(
  request: LlmRequest,
  options: { validate: (value: unknown) => T; signal: AbortSignal },
) => Promise<ModelOutcome<T>>;

export interface RecommendDeps {
  retrieve(clientId: string, text: string, limit: number): Promise<CatalogueCandidate[]>;
  /** Absent: no language model is configured. */
  complete?: Complete | undefined;
  prompt: Prompt;
  lexicon: Lexicon;
  gate: GateData;
}

export interface Recommendation {
  /** After the gate, best first. */
  items: RecommendedItem[];
  /** Who chose: the model, the catalogue's own ranking, or nobody (the catalogue could not be read, or the call was aborted). */
  source: 'llm' | 'catalogue' | 'none' | 'simulado';
  confidence: Confidence;
  /** The model's answer as it came, bounded. */
  raw: string | null;
  normalized: string | null;
  classification: Classification | null;
  /** What was retrieved, for the row. */
  candidates: { id: number; nome: string; classe_venda: string; pontos: number }[];
  gate: GateDecision[];
  promptVersion: string | null;
  listVersion: string | null;
  attempts: ModelAttempt[];
  costMicroUsd: number;
  tsAiRequest: Date | null;
  tsAiResponse: Date | null;
  /** Quotes the choice rests on; `found` false: the model quoted what nobody said. */
  evidence: { type: string; quote: string; found: boolean }[];
}

const MAX_CANDIDATES = 40;
const MAX_RAW = 20_000;
/** Choices looked at: more than a card holds, so that the gate can say what it dropped. */
const MAX_CHOICES = 12;

/**
 * What would help the customer who said this: retrieves catalogue items, lets the model choose among them, and passes
 * the choice through the gate. With no model configured, or all of them down, the catalogue's own ranking answers at once.
 */
export async function recommend(input: RecommendInput, deps: RecommendDeps): Promise<Recommendation> {
  const reading = read(input.text, deps.lexicon);
  let candidates: CatalogueCandidate[];
  try {
    candidates = await deps.retrieve(input.clientId, retrievalText(input.text, reading), MAX_CANDIDATES);
  } catch (error) {
    return nobody(deps, catalogueAway(error));
  }
  const outcome = await deps.complete?.(buildRequest(deps.prompt, { ...input, candidates }), {
    validate: checkAnswer,
    signal: input.signal,
  });
  const ran = outcome ? modelPart(outcome, deps.prompt) : NO_MODEL;
  if (input.signal.aborted && outcome?.status !== 'answered') return { ...nobody(deps), ...ran };
  const common = { ...ran, candidates: candidates.map(toRow), listVersion: deps.gate.version };
  if (outcome?.status === 'answered' && outcome.value) {
    return { ...common, ...fromModel(outcome.value, input, candidates, deps) };
  }
  return { ...common, ...fromRanking(rank(reading, input.history, candidates, deps.lexicon), candidates, deps) };
}

type Chosen = Pick<
  Recommendation,
  'items' | 'gate' | 'source' | 'confidence' | 'normalized' | 'classification' | 'evidence'
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

function fromModel(
  answer: ModelAnswer,
  input: RecommendInput,
  candidates: readonly CatalogueCandidate[],
  deps: RecommendDeps,
): Chosen {
  const said = fold([...input.history, input.text].join(' '));
  const evidence = answer.evidencias.slice(0, 5).map(({ tipo, trecho }) => {
    const quote = clip(oneLine(trecho), 300);
    return { type: tipo, quote, found: fold(quote) !== '' && ` ${said} `.includes(` ${fold(quote)} `) };
  });
  const choices: ItemChoice[] = answer.deve_sugerir
    ? answer.itens.slice(0, MAX_CHOICES).map((item) => ({
        candidateId: item.candidato_id,
        explanation: item.explicacao,
        tag: item.tag,
        confidence: item.confianca,
      }))
    : [];
  const { items, decisions } = gate(choices, candidates, deps.gate);
  const quoted = evidence.some(({ found, type }) => found && type !== 'X');
  return {
    items,
    gate: decisions,
    source: 'llm',
    confidence: quoted ? confidenceOf(items, choices) : 'baixa',
    normalized: clip(oneLine(answer.normalizada), 500) || 'NADA_RELEVANTE | OUTRO',
    classification: {
      macros_top2: answer.classificacao.macros_top2.slice(0, 2).map(label),
      micro_categoria: label(answer.classificacao.micro_categoria),
      ancoras_para_excluir: answer.classificacao.ancoras_para_excluir.slice(0, 10).map(label),
    },
    evidence,
  };
}

function fromRanking(ranked: Ranked, candidates: readonly CatalogueCandidate[], deps: RecommendDeps): Chosen {
  const { items, decisions } = gate(ranked.choices, candidates, deps.gate);
  return {
    items,
    gate: decisions,
    source: 'catalogue',
    confidence: confidenceOf(items, ranked.choices),
    normalized: ranked.normalized,
    classification: ranked.classification,
    evidence: ranked.evidence.map((each) => ({ ...each, found: true })),
  };
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
    listVersion: deps.gate.version,
    evidence: [],
  };
}

/** The row says why nothing was suggested, by the error's code; its text stays out. */
function catalogueAway(error: unknown): GateDecision {
  const code = String((error as { code?: unknown } | null)?.code ?? 'desconhecido').slice(0, 60);
  return {
    rule: 'catalogo_indisponivel',
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
