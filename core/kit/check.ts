import type { Kind } from '../contracts/index.ts';

/** One thing a provider must do. */
export interface Check<Subject> {
  /** Stable, kebab-case: what `quality.json` lists. */
  id: string;
  /** One sentence, for people. */
  title: string;
  /** What it proves, for the tier: bronze checks are the least a provider must do to be used at all. */
  tier: Tier;
  /** Why it does not concern this provider (a capability it does not state); absent or null: it does. */
  exempt?(subject: Subject): string | null;
  /** Throws when the provider does not do it. Everything opened through `life` is closed after it. */
  run(subject: Subject, life: Life): Promise<void>;
}

export type Tier = 'bronze' | 'silver' | 'gold' | 'platinum';

export const TIERS: readonly Tier[] = ['bronze', 'silver', 'gold', 'platinum'];

/** What one check opened: closed in reverse order when it ends, whatever its end. */
export interface Life {
  /** Fires when the check has ended or taken too long. */
  readonly signal: AbortSignal;
  defer(close: () => Promise<unknown> | unknown): void;
}

export type Outcome = 'passed' | 'failed' | 'exempt';

export interface CheckResult {
  id: string;
  title: string;
  tier: Tier;
  outcome: Outcome;
  /** Why it failed or does not apply; never a key, a transcript or a vendor's text. */
  detail: string | null;
}

/** What the kit found out about one provider. */
export interface KitReport {
  kind: Kind;
  /** Address without the model: `stt/acme`. */
  address: string;
  /** The model it was proven with; null: it has none. */
  model: string | null;
  results: CheckResult[];
  /** Highest tier of which every check, and every check of the tiers below, passed or is exempt; null: not even bronze. */
  tier: Tier | null;
}

/** A check that takes longer has failed: nothing in the kit waits for a vendor's own time-outs. */
const CHECK_MS = 20_000;

/** One that does not close keeps nothing else from closing. */
const CLOSE_MS = 1000;

export interface RunOptions {
  only?: readonly string[];
  onResult?(result: CheckResult): void;
  checkMs?: number;
  /** See {@link KitReport.model}. */
  model?: string | null;
}

/** Runs `checks` one after the other on `subject`. Never throws for what a provider does. */
export async function runChecks<Subject>(
  kind: Kind,
  address: string,
  checks: readonly Check<Subject>[],
  subject: Subject,
  options: RunOptions = {},
): Promise<KitReport> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    if (options.only && !options.only.includes(check.id)) continue;
    const result = await runOne(check, subject, options.checkMs ?? CHECK_MS);
    results.push(result);
    options.onResult?.(result);
  }
  return { kind, address, model: options.model ?? null, results, tier: tierOf(results) };
}

/** See {@link KitReport.tier}. */
export function tierOf(results: readonly CheckResult[]): Tier | null {
  let reached: Tier | null = null;
  if (!results.some(({ outcome }) => outcome === 'passed')) return null;
  for (const tier of TIERS) {
    if (results.some((result) => result.tier === tier && result.outcome === 'failed')) return reached;
    reached = tier;
  }
  return reached;
}

/** Throws when `holds` is false; `what` says what should have been. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new KitFailure(what);
}

/** What a check throws: its text is written by the kit, never taken from a vendor. */
export class KitFailure extends Error {
  override name = 'KitFailure';
}

async function runOne<Subject>(check: Check<Subject>, subject: Subject, checkMs: number): Promise<CheckResult> {
  const { id, title, tier } = check;
  const exempt = check.exempt?.(subject) ?? null;
  if (exempt !== null) return { id, title, tier, outcome: 'exempt', detail: exempt };
  const aborter = new AbortController();
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const life: Life = { signal: aborter.signal, defer: (close) => void closers.push(close) };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new KitFailure(`not done after ${checkMs / 1000} s`)), checkMs);
  });
  try {
    await Promise.race([check.run(subject, life), late]);
    return { id, title, tier, outcome: 'passed', detail: null };
  } catch (error) {
    return { id, title, tier, outcome: 'failed', detail: describe(error) };
  } finally {
    clearTimeout(timer);
    aborter.abort();
    await closeAll(closers);
  }
}

async function closeAll(closers: (() => Promise<unknown> | unknown)[]): Promise<void> {
  for (const close of closers.reverse()) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((done) => {
      timer = setTimeout(done, CLOSE_MS);
    });
    try {
      await Promise.race([close(), late]);
    } catch {
      // a provider that fails to close has a check of its own; the next check must start clean
    } finally {
      clearTimeout(timer);
    }
  }
}

function describe(error: unknown): string {
  if (error instanceof KitFailure) return error.message;
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return `threw ${String(name ?? typeof error)}${code === undefined ? '' : ` (${String(code)})`}`;
}
