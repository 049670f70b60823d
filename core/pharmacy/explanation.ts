import type { Lexicon } from './lexicon.ts';
import { fold, foldedWords, oneLine, stem } from './text.ts';

/** Longest explanation on the wire (protocol.md §1.3). */
export const MAX_EXPLANATION = 220;

/** Our own sentence: from data, never from what was spoken or from a model. */
export function templateExplanation(
  templates: Lexicon['templates'],
  medicine: boolean,
  why: { kind: 'need' | 'companion'; motive: string } | null,
): string {
  if (!why) return medicine ? templates.plainMedicine : templates.plain;
  const template =
    why.kind === 'need'
      ? medicine
        ? templates.needMedicine
        : templates.need
      : medicine
        ? templates.companionMedicine
        : templates.companion;
  return template.replaceAll('{motivo}', why.motive);
}

/** Why a model's explanation was not used. */
export type ExplanationFault =
  | 'vazia'
  | 'longa'
  | 'caracteres'
  | 'marcacao'
  | 'endereco'
  | 'numero_ou_dose'
  | 'diagnostico'
  | 'palavra_desconhecida';

const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\u2028\u2029]/u;
const MARKUP = /[<>{}[\]`*_#|\\~^@]|&[a-z#0-9]+;/iu;
const ADDRESS = /https?|www|:\/\/|\b[\p{L}\p{N}-]+\.(com|br|net|org|io|gov|app|info|me|ly|co)\b/iu;
const DOSE =
  /\b(mg|mcg|ml|gotas?|colher(es)?|comprimidos?|capsulas?|doses?|posologia|vezes? (ao|por) dia|de \p{L}+ em \p{L}+ horas?|a cada|por \p{L}+ dias?|jejum|em jejum|tomar?|tome|tomando|ingerir|ingira|aplicar? \p{L}+ vezes)\b/u;
const DIAGNOSIS =
  /\b(diagnostic\p{L}*|voce (tem|esta com|sofre|apresenta)|(o|a) (cliente|paciente|senhora?|pessoa) (tem|sofre|apresenta)|ele tem|ela tem|trata se|isso (e|parece|indica)|deve ser|parece ser|e provavel|provavelmente|suspeita|quadro de|doenca|cura|curar|garantid\p{L}*)\b/u;

/**
 * Whether a model's sentence may stand on a card. Default deny: one short line of plain text in which every word is
 * either in `words` (a reviewed list of folded stems) or in the item's own data, so no product, dose or claim that
 * nobody reviewed can be written there, whatever the model says. Null: it may.
 */
export function explanationFault(
  text: string,
  words: ReadonlySet<string>,
  own: readonly string[],
): ExplanationFault | null {
  if (text.length > MAX_EXPLANATION) return 'longa';
  if (text.trim() === '') return 'vazia';
  if (HIDDEN.test(text)) return 'caracteres';
  if (MARKUP.test(text)) return 'marcacao';
  if (ADDRESS.test(text)) return 'endereco';
  let folded = ` ${fold(text)} `;
  for (const name of [...own].sort((a, b) => b.length - a.length)) {
    const known = fold(name);
    if (known !== '') folded = folded.replaceAll(` ${known} `, ' ');
  }
  if (/\p{N}/u.test(folded) || DOSE.test(folded)) return 'numero_ou_dose';
  if (DIAGNOSIS.test(folded)) return 'diagnostico';
  const mine = new Set(own.flatMap(foldedWords).map(stem));
  const unknown = foldedWords(folded).some((word) => !words.has(stem(word)) && !mine.has(stem(word)));
  return unknown ? 'palavra_desconhecida' : null;
}

/** The model's sentence when it may stand on a card, else `template`. */
export function sanitizeExplanation(
  text: string,
  template: string,
  words: ReadonlySet<string>,
  own: readonly string[],
): { text: string; fault: ExplanationFault | null } {
  const fault = explanationFault(text, words, own);
  return fault ? { text: template, fault } : { text: oneLine(text), fault: null };
}
