import type { Utterance } from '../audio/types.ts';
import { filterTranscript, type TranscriptFilters } from '../pharmacy/filters.ts';
import { removeOverlap } from '../pharmacy/overlap.ts';
import { EXHAUSTED } from '../routing/route.ts';
import type { SttOutcome } from '../runtime/types.ts';
import { mockStatus } from './mock.ts';
import type { RowText } from './row.ts';

/** What an utterance says once vendor noise and the overlap of a forced cut are out of it. */
export interface ReadText extends RowText {
  /** For the context; empty when nothing is left or nothing was heard. */
  text: string;
  rules: string[];
}

/** The utterance read last, before anything was taken from its text. */
export interface PreviousText {
  segment: number;
  text: string;
}

/** Reads transcripts in the order spoken; remembers the last one, for the overlap of a forced cut. */
export class TextReader {
  readonly #filters: TranscriptFilters;
  readonly #simulated: boolean;
  /** For the overlap of a forced cut; set by whoever goes on for another process. */
  previous: PreviousText = { segment: 0, text: '' };

  constructor(filters: TranscriptFilters, simulated: boolean) {
    this.#filters = filters;
    this.#simulated = simulated;
  }

  read(utterance: Utterance, outcome: SttOutcome): ReadText {
    const heard = outcome.transcript?.text.trim() ?? '';
    if (outcome.status === 'no_provider')
      return discarded(outcome.decision.rule === EXHAUSTED ? 'orcamento' : 'sem_provedor');
    if (outcome.status === 'lost') return discarded('perdida');
    if (heard === '') return discarded('discarded_empty');
    if (this.#simulated) {
      const said = { text: heard, transcript: heard, filters: null, rules: [] };
      return { ...said, type: 'mock_voice', feedback: 'mock_voice', mockStatus: mockStatus(false) };
    }
    const cut = outcome.continues ? { text: heard, removed: '' } : this.#withoutOverlap(utterance, heard);
    const filtered = filterTranscript(cut.text, this.#filters);
    // A late answer is not the neighbour of what comes next.
    if (utterance.segment > this.previous.segment) this.previous = { segment: utterance.segment, text: heard };
    const rules = [...(cut.removed === '' ? [] : ['sobreposicao']), ...filtered.rules.map(({ rule }) => rule)];
    const filters = [
      ...(cut.removed === '' ? [] : [{ rule: 'sobreposicao', removed: cut.removed }]),
      ...filtered.rules,
    ];
    const kept = filtered.dropped ? '' : filtered.text;
    return {
      text: kept,
      transcript: kept === '' ? heard : kept,
      type: kept === '' ? 'discarded_ia' : 'valid',
      feedback: kept === '' ? 'discarded' : 'processado',
      filters: filters.length === 0 ? null : filters,
      mockStatus: null,
      rules,
    };
  }

  /** Only the neighbours of a forced cut repeat each other; people repeat themselves on purpose. */
  #withoutOverlap(utterance: Utterance, text: string): { text: string; removed: string } {
    if (!utterance.overlapsPrevious || this.previous.segment !== utterance.segment - 1) return { text, removed: '' };
    const { text: rest, removedWords } = removeOverlap(this.previous.text, text);
    return { text: rest, removed: removedWords === 0 ? '' : text.slice(0, text.length - rest.length).trim() };
  }
}

function discarded(type: RowText['type']): ReadText {
  return { text: '', transcript: null, type, feedback: 'discarded', filters: null, mockStatus: null, rules: [] };
}
