/** One thing that was said, as it becomes known. */
export interface HeardLine {
  segment: number;
  text: string;
  isFinal: boolean;
  /** From the live stream, once the utterance is answered. */
  told: UtteranceTold | null;
}

/** What the live stream tells of an utterance. */
export interface UtteranceTold {
  counterId: string;
  segment: number;
  interactionId: number;
  provider: string | null;
  decision: {
    rule: string | null;
    candidates: string[];
    rejected: { address: string; reason: string }[];
  };
  waterfall: Record<string, number | null>;
}

/** What the live stream tells of a card. */
export interface CardTold {
  counterId: string;
  interactionId: number;
  source: string;
  itemCount: number;
  delivery: string;
  waterfall: Record<string, number | null>;
}

/** A card as a counter gets it. */
export interface CardShown {
  interactionId: number;
  items: { sugestao: string; explicacao: string; tag: string }[];
  warning: string | null;
  confidence: string;
}

const MOST_LINES = 50;

/** The lines with this transcript: a partial replaces the one before it, a final closes the line. */
export function withTranscript(
  lines: readonly HeardLine[],
  { segment, text, isFinal }: Pick<HeardLine, 'segment' | 'text' | 'isFinal'>,
): HeardLine[] {
  const known = lines.find((line) => line.segment === segment);
  // A partial that comes after its final is of no use any more.
  if (known?.isFinal && !isFinal) return [...lines];
  const line: HeardLine = { segment, text, isFinal, told: known?.told ?? null };
  return sorted(lines, line);
}

/** The lines with what is told of one of them; nothing is heard of what had no words. */
export function withTold(lines: readonly HeardLine[], told: UtteranceTold): HeardLine[] {
  const known = lines.find(({ segment }) => segment === told.segment);
  return sorted(lines, { segment: told.segment, text: known?.text ?? '', isFinal: true, told });
}

function sorted(lines: readonly HeardLine[], line: HeardLine): HeardLine[] {
  return [...lines.filter(({ segment }) => segment !== line.segment), line]
    .sort((a, b) => a.segment - b.segment)
    .slice(-MOST_LINES);
}

/** A `recomendar` of the wire; null: it is none. */
export function cardOf(message: Record<string, unknown>): CardShown | null {
  const { comando, itens, interacao_id, aviso, confianca } = message;
  if (comando !== 'recomendar' || !Array.isArray(itens) || typeof interacao_id !== 'number') return null;
  return {
    interactionId: interacao_id,
    items: itens.map((item: Record<string, unknown>) => ({
      sugestao: String(item['sugestao'] ?? ''),
      explicacao: String(item['explicacao'] ?? ''),
      tag: String(item['tag'] ?? ''),
    })),
    warning: typeof aviso === 'string' && aviso !== '' ? aviso : null,
    confidence: String(confianca ?? ''),
  };
}
