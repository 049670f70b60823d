import { type Allowance, allowanceFor, isLowRisk } from './allowance.ts';
import type { CatalogueCandidate } from './catalogue.ts';
import type { ItemChoice } from './choice.ts';
import type { GateDecision } from './gate.ts';
import type { Lexicon } from './lexicon.ts';
import type { Reading } from './needs.ts';
import type { Ranked } from './ranking.ts';
import type { Strength } from './reasons.ts';
import type { ModelAnswer } from './schema.ts';
import { clip, fold, oneLine } from './text.ts';

/** A quote the model gave, and whether anybody said it. */
export interface Evidence {
  type: string;
  quote: string;
  found: boolean;
}

const MAX_EVIDENCE = 5;
const MAX_QUOTE = 300;

/** The answer's quotes, held against what was said. */
export function evidenceIn(answer: ModelAnswer, said: readonly string[]): Evidence[] {
  const all = ` ${fold(said.join(' '))} `;
  return answer.evidencias.slice(0, MAX_EVIDENCE).map(({ tipo, trecho }) => {
    const quote = clip(oneLine(trecho), MAX_QUOTE);
    return { type: tipo, quote, found: isWithin(quote, all) };
  });
}

function isWithin(quote: string, folded: string): boolean {
  const wanted = fold(quote.replace(/…$/u, ''));
  return wanted !== '' && folded.includes(` ${wanted} `);
}

/** What a model's answer is held against. */
export interface Restraint {
  reading: Reading;
  ranked: Ranked;
  candidates: readonly CatalogueCandidate[];
  lexicon: Lexicon;
  /** Of the list in force, for the decisions. */
  listVersion: string;
}

/**
 * What of the model's choice its evidence carries. A quote counts where it was said just now and outside talk of prices
 * and doses; without one, only weak context is left. What was named already, or rests on a medicine that was perhaps
 * misheard, is taken out. The gate decides over the rest.
 */
export function restrain(
  choices: readonly ItemChoice[],
  answer: ModelAnswer,
  evidence: readonly Evidence[],
  { reading, ranked, candidates, lexicon, listVersion }: Restraint,
): { choices: ItemChoice[]; decisions: GateDecision[]; allowance: Allowance } {
  const strength = strengthOf(evidence, reading, ranked, answer);
  const spoken = reading.needs.filter(({ weak }) => !weak).map(({ need }) => need.name);
  const allowance = allowanceFor(strength, [...new Set([...spoken, ...answer.necessidades])], lexicon);
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const kept: ItemChoice[] = [];
  const decisions: GateDecision[] = [];
  for (const choice of choices) {
    const candidate = byId.get(choice.candidateId);
    const refusal = candidate && refuse(candidate, ranked, allowance, lexicon);
    if (candidate && refusal)
      decisions.push({
        ...refusal,
        ruleId: null,
        listVersion,
        allowed: false,
        candidateId: candidate.id,
        name: candidate.name,
      });
    else kept.push(allowance.lowRiskOnly ? { ...choice, confidence: 'baixa' } : choice);
  }
  return { choices: kept, decisions, allowance };
}

function strengthOf(
  evidence: readonly Evidence[],
  { open, needs }: Reading,
  ranked: Ranked,
  answer: ModelAnswer,
): Strength {
  const now = ` ${fold([...open.map(({ text }) => text), ...needs.map(({ quote }) => quote)].join(' '))} `;
  const said = evidence.filter(({ found, quote }) => found && isWithin(quote, now));
  const restsOnDoubt = ranked.mentions.doubtful.length > 0 && needs.length === 0 && answer.necessidades.length === 0;
  if (restsOnDoubt) return 'weak';
  if (said.some(({ type }) => type === 'A')) return 'need';
  return said.some(({ type }) => type === 'B') ? 'companion' : 'weak';
}

function refuse(
  candidate: CatalogueCandidate,
  { mentions, scored }: Ranked,
  allowance: Allowance,
  lexicon: Lexicon,
): Pick<GateDecision, 'rule' | 'reason'> | null {
  // What may not be sold freely is for the gate to drop: the row shall say that it was that.
  if (candidate.saleClass !== 'venda_livre') return null;
  if (mentions.named.has(candidate)) return { rule: 'ja_citado', reason: 'já foi citado na conversa' };
  const doubted = new Set(mentions.doubtful.map(fold));
  const isBacked = scored.some((each) => each.candidate === candidate);
  if (!isBacked && candidate.goesWith.some((companion) => doubted.has(fold(companion)))) {
    return { rule: 'nome_ouvido_com_duvida', reason: 'depende de um nome de medicamento ouvido com dúvida' };
  }
  if (allowance.lowRiskOnly && !isLowRisk(candidate, lexicon)) {
    return { rule: 'contexto_fraco', reason: 'sem evidência dita na conversa, só itens de baixo risco' };
  }
  return null;
}
