import { inspect } from 'node:util';
import { type Blame, isProviderError, type ProviderError, type ProviderErrorCode } from '../contracts/index.ts';
import { must } from './check.ts';
import type { Fault } from './emulator/index.ts';
import { type Proof, within } from './proof.ts';

/** How a fault must look on the caller's side; what is left out is free. */
export interface Expected {
  code: ProviderErrorCode | readonly ProviderErrorCode[];
  retryable?: boolean;
  blame?: Blame;
  /** null: the vendor named no time. */
  retryAfterMs?: number | null;
  /** Whether a `rate_limited` says what is limited. */
  scoped?: boolean;
}

/** What each fault of a vendor means, whoever the vendor is. */
export const MEANS = {
  refuse: { code: 'connection', retryable: true, blame: 'network' },
  reset: { code: 'connection', retryable: true, blame: 'network' },
  rateLimited: { code: 'rate_limited', retryable: true, blame: 'vendor', retryAfterMs: null, scoped: true },
  retryAfter: { code: 'rate_limited', retryable: true, blame: 'vendor', retryAfterMs: 7000, scoped: true },
  auth: { code: 'auth', retryable: false, blame: 'config' },
  quota: { code: 'quota', retryable: false, blame: 'config' },
  serverError: { code: 'server', retryable: true, blame: 'vendor' },
  unreadable: { code: 'protocol', retryable: false, blame: 'vendor' },
  aborted: { code: 'aborted', retryable: false, blame: 'caller' },
} as const satisfies Record<string, Expected>;

/** What a bad answer is asked for with, by the name its checks end in. */
export const FAULTS = {
  refuse: { kind: 'refuse' },
  reset: { kind: 'reset' },
  rateLimited: { kind: 'rate_limited' },
  retryAfter: { kind: 'rate_limited', retryAfter: '7' },
  auth: { kind: 'auth' },
  quota: { kind: 'quota' },
  serverError: { kind: 'server_error' },
} as const satisfies Record<string, Fault>;

/** The ProviderError `call` fails with; fails the check when it succeeds, hangs, or throws anything else. */
export function failureOf(proof: Pick<Proof, 'patienceMs'>, call: Promise<unknown>): Promise<ProviderError> {
  const failure = failed(proof, call);
  // A check may look at it later, or have failed before.
  failure.catch(() => undefined);
  return failure;
}

async function failed(proof: Pick<Proof, 'patienceMs'>, call: Promise<unknown>): Promise<ProviderError> {
  const outcome = await within(
    proof,
    call.then(
      () => ({ ok: true as const }),
      (error: unknown) => ({ ok: false as const, error }),
    ),
    'the call ends',
  );
  must(!outcome.ok, 'the call fails');
  const { error } = outcome;
  must(isProviderError(error), `a ProviderError, not ${nameOf(error)}`);
  return error;
}

/** Fails unless `error` is as `expected`. */
export function mustMean(error: ProviderError, expected: Expected): void {
  const codes = [expected.code].flat();
  must(codes.includes(error.code), `code ${codes.join(' or ')}, not ${error.code}`);
  for (const field of ['retryable', 'blame'] as const) {
    if (expected[field] === undefined) continue;
    must(error[field] === expected[field], `${field} ${expected[field]}, not ${error[field]}`);
  }
  if (expected.retryAfterMs !== undefined) {
    const wanted = expected.retryAfterMs ?? undefined;
    must(error.retryAfterMs === wanted, `retryAfterMs ${wanted}, not ${error.retryAfterMs}`);
  }
  if (expected.scoped) must(error.scope !== undefined, 'scope says whether the rate or the concurrency is limited');
}

/** Fails when any of `secrets` can be seen in `seen`: hidden fields and causes of errors included. */
export function mustHide(seen: readonly unknown[], secrets: readonly (string | RegExp)[]): void {
  const text = seen
    .map((each) => (typeof each === 'string' ? each : `${inspect(each, { depth: 10, showHidden: true })}${json(each)}`))
    .join('\n');
  for (const secret of secrets) {
    const isSeen = typeof secret === 'string' ? text.includes(secret) : secret.test(text);
    must(!isSeen, 'no key and no transcript in any error or log line');
  }
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return ''; // a cycle: inspect has shown it
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
