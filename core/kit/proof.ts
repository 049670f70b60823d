import { type Check, KitFailure, must, TIERS } from './check.ts';
import type { KitOptions, KitSubject } from './subject.ts';

/** What answers the provider during a run: an emulator, the vendor itself, or nobody (it works in this process). */
export type Mode = 'emulator' | 'live' | 'local';

/** One run of a suite on one subject: what its checks are given. */
export interface Proof<Subject = KitSubject> {
  subject: Subject;
  mode: Mode;
  live: KitOptions['live'];
  /** Longest the kit waits for something that a right provider does at once, in ms. */
  patienceMs: number;
}

/** The mode a subject is proven in under these options. */
export function modeOf(subject: Pick<KitSubject, 'start'>, options: KitOptions): Mode {
  if (options.live) return 'live';
  return subject.start ? 'emulator' : 'local';
}

/** For {@link Check.exempt}: the check needs a vendor that misbehaves, or one whose side of the wire can be seen. */
export function withoutEmulator(proof: Pick<Proof, 'mode'>): string | null {
  if (proof.mode === 'live') return 'live: the vendor itself cannot be told to fail, nor its side be seen';
  return proof.mode === 'local' ? 'works in this process: there is no vendor' : null;
}

/**
 * The same checks, those exempt that the subject says do not concern its vendor. Throws KitFailure when it names a check
 * that there is not, or a bronze one: those nobody is excused from.
 */
export function withExemptions<P>(
  checks: readonly Check<P>[],
  exempt: Readonly<Record<string, string>> = {},
): readonly Check<P>[] {
  for (const [id, reason] of Object.entries(exempt)) {
    const check = checks.find((each) => each.id === id);
    must(check !== undefined, `exempt: there is no check "${id}"`);
    must(check.tier !== TIERS[0], `exempt: "${id}" is a ${TIERS[0]} check, which every provider must pass`);
    must(reason.trim().length >= 10, `exempt: "${id}" needs a reason`);
  }
  return checks.map((check) => {
    const reason = exempt[check.id];
    return reason === undefined ? check : { ...check, exempt: () => reason };
  });
}

/** What `promise` gives within the proof's patience; else fails: `what` says what should have come. */
export async function within<T>(proof: Pick<Proof, 'patienceMs'>, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new KitFailure(`${what} (waited ${proof.patienceMs} ms)`)), proof.patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets what is already on its way arrive: sockets on loopback need a turn or two of the event loop. */
export function pause(ms = 30): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
