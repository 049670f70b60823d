import type { Utterance } from '../audio/types.ts';
import { filterTranscript, type TranscriptFilters } from '../pharmacy/filters.ts';
import { removeOverlap } from '../pharmacy/overlap.ts';
import type { Masker } from '../privacy/mask.ts';
import { addCounts, type Counts, type Masked } from '../privacy/types.ts';
import { EXHAUSTED } from '../routing/route.ts';
import type { SttOutcome } from '../runtime/types.ts';
import { heardWords } from './heard-words.ts';
import { mockStatus } from './mock.ts';
import type { RowText } from './row.ts';

/** What an utterance says once vendor noise, the overlap of a forced cut and what tells people apart are out of it. */
export interface ReadText extends RowText {
  /** For the context; empty when nothing is left or nothing was heard. */
  text: string;
  rules: string[];
  /** Masks what else was heard of the same utterance, as this text was: a second provider's. */
  mask(text: string): string;
}

type Heard = Omit<ReadText, 'mask' | 'words'>;

/** The utterance read last, as it may be kept. */
export interface PreviousText {
  segment: number;
  text: string;
}

/**
 * Reads transcripts in the order spoken; remembers the last one, for the overlap of a forced cut. Nothing that leaves it
 * tells people apart, also where it leaves word by word.
 */
export class TextReader {
  readonly #filters: TranscriptFilters;
  readonly #simulated: boolean;
  readonly #masker: Masker;
  #previous: PreviousText & { heard: string } = { segment: 0, text: '', heard: '' };

  constructor(filters: TranscriptFilters, simulated: boolean, masker: Masker) {
    this.#filters = filters;
    this.#simulated = simulated;
    this.#masker = masker;
  }

  /** For the overlap of a forced cut. */
  get previous(): PreviousText {
    const { segment, text } = this.#previous;
    return { segment, text };
  }

  /** Goes on for another process. */
  set previous({ segment, text }: PreviousText) {
    this.#previous = { segment, text, heard: text };
  }

  /** A part of what is being said now, as a device may be shown it. */
  partial(text: string): string {
    return this.#masker.beside(text).text;
  }

  read(utterance: Utterance, outcome: SttOutcome): ReadText {
    const beside = this.#masker.now();
    const read = this.#read(utterance, outcome, beside);
    const words = heardWords(outcome.transcript, read.transcript);
    return { ...read, words, mask: (text) => beside(text).text };
  }

  #read(utterance: Utterance, outcome: SttOutcome, beside: (text: string) => Masked): Heard {
    const heard = outcome.transcript?.text.trim() ?? '';
    if (outcome.status === 'no_provider')
      return discarded(outcome.decision.rule === EXHAUSTED ? 'orcamento' : 'sem_provedor');
    if (outcome.status === 'lost') return discarded('perdida');
    if (heard === '') return discarded('discarded_empty');
    if (this.#simulated) {
      const { text } = this.#masker.next(heard);
      const said = { text, transcript: text, filters: null, rules: [] };
      return { ...said, type: 'mock_voice', feedback: 'mock_voice', mockStatus: mockStatus(false) };
    }
    const cut = outcome.continues ? { text: heard, removed: '' } : this.#withoutOverlap(utterance, heard);
    const filtered = filterTranscript(cut.text, this.#filters);
    // A late answer is not the neighbour of what comes next.
    const isNext = utterance.segment > this.#previous.segment;
    const kept = filtered.dropped ? '' : filtered.text;
    const masked = kept !== '' && isNext ? this.#masker.next(kept) : beside(kept === '' ? heard : kept);
    if (isNext) this.#previous = { segment: utterance.segment, text: beside(heard).text, heard };
    const removed = [
      ...(cut.removed === '' ? [] : [{ rule: 'sobreposicao', removed: cut.removed }]),
      ...filtered.rules,
    ];
    const told = removed.map(({ rule, removed }) => ({ rule, removed: beside(removed) }));
    const counts = addCounts(masked.counts, ...told.map(({ removed }) => removed.counts));
    const filters = [...told.map(({ rule, removed }) => ({ rule, removed: removed.text })), ...maskedFilter(counts)];
    return {
      text: kept === '' ? '' : masked.text,
      transcript: masked.text,
      type: kept === '' ? 'discarded_ia' : 'valid',
      feedback: kept === '' ? 'discarded' : 'processado',
      filters: filters.length === 0 ? null : filters,
      mockStatus: null,
      rules: filters.map(({ rule }) => rule),
    };
  }

  /** Only the neighbours of a forced cut repeat each other; people repeat themselves on purpose. */
  #withoutOverlap(utterance: Utterance, text: string): { text: string; removed: string } {
    if (!utterance.overlapsPrevious || this.#previous.segment !== utterance.segment - 1) return { text, removed: '' };
    const { text: rest, removedWords } = removeOverlap(this.#previous.heard, text);
    return { text: rest, removed: removedWords === 0 ? '' : text.slice(0, text.length - rest.length).trim() };
  }
}

/** What vendors answered, as it may be kept: the words one by one, which say the same again, without their text. */
export function maskedOutcome(outcome: SttOutcome, mask: (text: string) => string): SttOutcome {
  const { transcript, shadow } = outcome;
  const words = transcript?.words?.map((word) => ({ ...word, text: '' }));
  return {
    ...outcome,
    transcript: transcript && { ...transcript, text: mask(transcript.text), ...(words ? { words } : {}) },
    ...(shadow && {
      shadow: shadow.then((heard) => heard && { ...heard, text: heard.text === null ? null : mask(heard.text) }),
    }),
  };
}

/** How many of each kind were masked: what they were is nowhere. */
function maskedFilter(counts: Counts): { rule: string; mascarados: Counts }[] {
  return Object.keys(counts).length === 0 ? [] : [{ rule: 'dados_pessoais', mascarados: counts }];
}

function discarded(type: RowText['type']): Heard {
  return { text: '', transcript: null, type, feedback: 'discarded', filters: null, mockStatus: null, rules: [] };
}
