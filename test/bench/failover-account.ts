import { accountOf, percentile, type WordAccount } from '../demo/account.ts';
import type { Script } from '../helpers/conversation.ts';
import type { Told, Tried } from './server-child.ts';

/** What became of every word and sample, and how soon the next candidate was asked. */
export interface Account {
  words: number;
  wordsLost: number;
  wordsTwice: number;
  samplesLost: number;
  /** How often another candidate was asked, and the p99 of how soon, ms; null where it never was. */
  switches: number;
  switchMs: number | null;
  /** The median of the same: with several vendors failing at once the next candidate may be a failing one too. */
  switchP50Ms: number | null;
  /** p50 until the same candidate was tried again, ms; null where it never was. The pause is meant. */
  retryMs: number | null;
  /** Attempts that failed, and the sessions in which one did. */
  failed: number;
  paidBy: number;
  /** Utterances that a pause in the counter's bytes cut. */
  gaps: number;
  /** Every word that was lost or heard twice, with the rows beside it. */
  wrong: string[];
}

/** Every counter said `said`; a session that told of nothing lost all of it. */
export function accountOfSessions(
  told: readonly Told[],
  { counters, said }: { counters: number; said: Script['utterances'] },
): Account {
  const sessions = [...Map.groupBy(told, ({ sessionId }) => sessionId).values()];
  const script = { utterances: said } as Script;
  const accounts = sessions.map((utterances) =>
    accountOf(
      script,
      inOrder(utterances).map(({ said: text }) => text),
    ),
  );
  const words = said.reduce((sum, utterance) => sum + utterance.words.length, 0);
  const silent = counters - sessions.length;
  const moves = told.flatMap(movesOf);
  const switches = moves.flatMap(({ ms, isSame }) => (isSame ? [] : ms));
  const retries = moves.flatMap(({ ms, isSame }) => (isSame ? ms : []));
  const failures = told.filter(({ attempts }) => attempts.some(({ outcome }) => outcome === 'failed'));
  return {
    words: words * counters,
    wordsLost: accounts.reduce((sum, { lost }) => sum + lost.length, silent * words),
    wordsTwice: accounts.reduce((sum, { repeated }) => sum + repeated.length, 0),
    samplesLost: sessions.reduce(
      (sum, utterances) => sum + missingSamples(utterances, said),
      silent * said.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) * SAMPLES_PER_MS, 0),
    ),
    switches: switches.length,
    switchMs: switches.length === 0 ? null : Math.round(percentile(switches, 99)),
    switchP50Ms: switches.length === 0 ? null : Math.round(percentile(switches, 50)),
    retryMs: retries.length === 0 ? null : Math.round(percentile(retries, 50)),
    failed: told.reduce((sum, { attempts }) => sum + attempts.filter(({ outcome }) => outcome === 'failed').length, 0),
    paidBy: new Set(failures.map(({ sessionId }) => sessionId)).size,
    gaps: told.filter(({ cutReason }) => cutReason === 'gap').length,
    wrong: sessions.flatMap((utterances, index) => wrongIn(inOrder(utterances), accounts[index], said)),
  };
}

const SAMPLES_PER_MS = 16;
/** Rows that end or begin so near a word, in ms, are named beside it. */
const NEAR_MS = 1500;

/** What is wrong in one session, as its rows tell of it. */
function wrongIn(rows: readonly Told[], account: WordAccount | undefined, said: Script['utterances']): string[] {
  if (!account) return [];
  const words = said.flatMap((utterance) => utterance.words);
  const lost = account.lostAt.map((index) => {
    const word = words[index];
    const near = rows.filter(({ startSample, endSample }) => {
      const [from, to] = [startSample / SAMPLES_PER_MS - NEAR_MS, endSample / SAMPLES_PER_MS + NEAR_MS];
      return word && word.startMs < to && word.endMs > from;
    });
    return `"${word?.text}" (${word?.startMs} a ${word?.endMs} ms) perdida: ${near.map(rowText).join('; ')}`;
  });
  return [...lost, ...account.repeated.map((word) => `"${word}" repetida: ${rows.map(rowText).join('; ')}`)];
}

function rowText({ segment, cutReason, status, startSample, endSample, said, attempts }: Told): string {
  const tried = attempts.map(({ address, mode, outcome, code }) => `${address} ${mode} ${code ?? outcome}`).join(', ');
  const [from, to] = [startSample, endSample].map((sample) => Math.round(sample / SAMPLES_PER_MS));
  return `fala ${segment}, ${from} a ${to} ms, \`${cutReason}\`, \`${status}\` (${tried}), "${said}"`;
}

function inOrder(utterances: readonly Told[]): Told[] {
  return [...utterances].sort((a, b) => a.segment - b.segment);
}

/**
 * From the end of one attempt to the next one's first byte. A vendor of uploads gets a whole utterance: while speech goes
 * on there is nothing to give it yet, so its time counts from the cut.
 */
function movesOf({ attempts, cutAtMs }: Told): { ms: number; isSame: boolean }[] {
  return attempts.slice(1).flatMap((next, index) => {
    const failed = attempts[index];
    if (failed?.outcome !== 'failed' || next.firstByteAtMs === null) return [];
    return { ms: next.firstByteAtMs - fromMs(failed, next, cutAtMs), isSame: failed.address === next.address };
  });
}

function fromMs(failed: Tried, next: Tried, cutAtMs: number): number {
  return next.mode === 'batch' ? Math.max(failed.endedAtMs, cutAtMs) : failed.endedAtMs;
}

/** Of what was spoken, what no answered utterance holds. */
function missingSamples(utterances: readonly Told[], said: Script['utterances']): number {
  const answered = utterances.filter(({ status }) => status === 'answered' || status === 'empty');
  return said.reduce((sum, { startMs, endMs }) => {
    const [start, end] = [startMs * SAMPLES_PER_MS, endMs * SAMPLES_PER_MS];
    let reached = start;
    let covered = 0;
    for (const { startSample, endSample } of [...answered].sort((a, b) => a.startSample - b.startSample)) {
      const from = Math.max(reached, startSample);
      const to = Math.min(end, endSample);
      if (to <= from) continue;
      covered += to - from;
      reached = to;
    }
    return sum + (end - start - covered);
  }, 0);
}
