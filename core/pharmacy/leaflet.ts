import type { CatalogueCandidate, Leaflet } from './catalogue.ts';
import { sentences } from './phrases.ts';
import { STOPWORDS } from './stopwords.ts';
import { clip, foldedWords, oneLine, stem } from './text.ts';

/** Fields of a leaflet as the model and the stored row name them. */
export type LeafletField = 'indicacao' | 'contraindicacao' | 'advertencias' | 'interacoes';

/** Excerpts of one leaflet, with the version they come from. */
export interface LeafletExcerpts {
  candidateId: number;
  version: string | null;
  excerpts: Partial<Record<LeafletField, string>>;
}

const FIELDS: readonly [LeafletField, keyof Leaflet][] = [
  ['indicacao', 'indication'],
  ['contraindicacao', 'contraindication'],
  ['advertencias', 'warnings'],
  ['interacoes', 'interactions'],
];
/** Characters: read of a field, shown of it, and shown in one request. */
const MAX_READ = 6000;
const MAX_EXCERPT = 240;
const MAX_ALL = 6000;

/**
 * What the leaflets of these candidates say that bears on what was said: of each field the sentences that share a word
 * with it, else its beginning. Bounded, best candidates first.
 */
export function leafletExcerpts(candidates: readonly CatalogueCandidate[], said: string): LeafletExcerpts[] {
  const words = new Set(
    foldedWords(said)
      .filter((word) => !STOPWORDS.has(word) && word.length > 3)
      .map(stem),
  );
  const found: LeafletExcerpts[] = [];
  let left = MAX_ALL;
  for (const { id, leaflet } of candidates) {
    if (!leaflet || left <= 0) continue;
    const excerpts: LeafletExcerpts['excerpts'] = {};
    for (const [field, key] of FIELDS) {
      const excerpt = excerptOf(leaflet[key], words).slice(0, left);
      if (excerpt === '') continue;
      excerpts[field] = excerpt;
      left -= excerpt.length;
    }
    if (Object.keys(excerpts).length > 0) found.push({ candidateId: id, version: leaflet.version, excerpts });
  }
  return found;
}

function excerptOf(text: string | null, words: ReadonlySet<string>): string {
  if (!text) return '';
  const read = oneLine(text.slice(0, MAX_READ));
  const telling = sentences(read).filter((sentence) => sentence.words.some((word) => words.has(word.stem)));
  return clip(telling.length > 0 ? telling.map((sentence) => sentence.text).join(' ') : read, MAX_EXCERPT);
}
