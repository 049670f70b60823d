export type Verdict = 'util' | 'errada' | 'insegura';

/** A review while it is being made. */
export interface Draft {
  transcriptOk: boolean | null;
  correctedText: string;
  recommendation: Verdict | null;
  note: string;
}

export const BLANK: Draft = { transcriptOk: null, correctedText: '', recommendation: null, note: '' };

/** What a key asks for. `null`: the key is nobody's. */
export type Command =
  | { draft: Partial<Draft>; focus?: 'corrected' }
  | { focus: 'note' }
  | { do: 'save' | 'skip' }
  | null;

/** The keys, each with the name of its text, in the order they are shown. */
export const KEYS = [
  ['c', 'right'],
  ['e', 'wrong'],
  ['1', 'util'],
  ['2', 'errada'],
  ['3', 'insegura'],
  ['o', 'note'],
  ['Enter', 'save'],
  ['p', 'skip'],
  ['Esc', 'leave'],
] as const;

const VERDICTS: Record<string, Verdict> = { '1': 'util', '2': 'errada', '3': 'insegura' };

/** What a key that was pressed outside a text field means; a card that is not there cannot be rated. */
export function commandOf(key: string, hasCard: boolean): Command {
  const verdict = VERDICTS[key];
  if (verdict !== undefined) return hasCard ? { draft: { recommendation: verdict } } : null;
  switch (key.toLowerCase()) {
    case 'c':
      return { draft: { transcriptOk: true, correctedText: '' } };
    case 'e':
      return { draft: { transcriptOk: false }, focus: 'corrected' };
    case 'o':
      return { focus: 'note' };
    case 'p':
      return { do: 'skip' };
    case 'enter':
      return { do: 'save' };
    default:
      return null;
  }
}

/** The request's body; null while it is not known whether the transcript is right. */
export function bodyOf(draft: Draft): Record<string, unknown> | null {
  if (draft.transcriptOk === null) return null;
  const corrected = draft.correctedText.trim();
  const note = draft.note.trim();
  return {
    transcriptOk: draft.transcriptOk,
    correctedText: draft.transcriptOk || corrected === '' ? null : corrected,
    recommendation: draft.recommendation,
    note: note === '' ? null : note,
  };
}
