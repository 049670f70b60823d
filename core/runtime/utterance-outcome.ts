import type { Clock } from '../contracts/index.ts';
import type { Answered } from './attempt.ts';
import type { Candidate, SttOutcome } from './types.ts';

/** The parts of an outcome that say who answered, and when. */
type AnswerColumns = Pick<
  SttOutcome,
  'transcript' | 'address' | 'vendor' | 'sentAt' | 'sentAtMs' | 'readyAt' | 'readyAtMs'
>;

/** What is known of an utterance that was answered just now. */
export function answerColumns(
  answer: Answered,
  candidate: Candidate,
  vendor: string | null,
  clock: Clock,
): AnswerColumns {
  return {
    transcript: answer.transcript,
    address: candidate.address,
    vendor,
    sentAt: answer.sentAt,
    sentAtMs: answer.sentAtMs,
    readyAt: clock.date(),
    readyAtMs: clock.now(),
  };
}

/** The same of one that nobody answered. */
export function unanswered(status: SttOutcome['status']): AnswerColumns & Pick<SttOutcome, 'status'> {
  return {
    status,
    transcript: null,
    address: null,
    vendor: null,
    sentAt: null,
    readyAt: null,
    sentAtMs: null,
    readyAtMs: null,
  };
}
