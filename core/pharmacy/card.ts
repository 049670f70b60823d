import type { RecommendedItem } from './choice.ts';
import { MAX_EXPLANATION } from './explanation.ts';
import { MAX_NAME, MEDICINE_WARNING } from './gate.ts';
import type { Recommendation } from './recommend.ts';
import { wireTag } from './tags.ts';
import { clip, oneLine } from './text.ts';

/** Longest `explicacao` in protocol 1, with the warning that devices in the field do not know as a field. */
const MAX_WITH_WARNING = 400;
const MAX_ITEMS = 3;

/** What a card's wire message needs beside the recommendation. */
export interface CardContext {
  interactionId: number;
  /** The masked text the recommendation rests on. */
  baseText: string;
  protocol: 1 | 2;
}

/** The `recomendar` message of protocol.md §1.3; null when there is nothing to suggest. */
export function cardMessage(recommendation: Recommendation, context: CardContext): Record<string, unknown> | null {
  const itens = recommendation.items.slice(0, MAX_ITEMS).map((item) => wireItem(item, context.protocol));
  const [first] = itens;
  if (!first) return null;
  const medicine = recommendation.items.slice(0, MAX_ITEMS).some((item) => item.medicine);
  return {
    comando: 'recomendar',
    itens,
    produto: first.sugestao,
    explicacao: first.explicacao,
    transcricao_base: context.baseText,
    confianca: recommendation.confidence,
    interacao_id: context.interactionId,
    ...(medicine ? { aviso: MEDICINE_WARNING } : {}),
  };
}

function wireItem(item: RecommendedItem, protocol: 1 | 2): { sugestao: string; explicacao: string; tag: string } {
  const plain = clip(oneLine(item.explanation), MAX_EXPLANATION);
  const warned = item.medicine && protocol === 1;
  return {
    sugestao: clip(oneLine(item.name), MAX_NAME),
    explicacao: warned ? `${clip(plain, MAX_WITH_WARNING - MEDICINE_WARNING.length - 1)} ${MEDICINE_WARNING}` : plain,
    tag: wireTag(item.tag),
  };
}

/** `interacoes.recomendacao_gerada`: null = nobody was asked; `Nenhuma` = asked, nothing to suggest; else `S: … | S: …`. */
export function recommendationText(recommendation: Recommendation): string | null {
  if (recommendation.source === 'none') return null;
  const items = recommendation.items.slice(0, MAX_ITEMS);
  return items.length === 0 ? 'Nenhuma' : items.map((item) => `S: ${clip(oneLine(item.name), MAX_NAME)}`).join(' | ');
}
