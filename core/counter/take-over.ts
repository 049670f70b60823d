import { isProcessGone } from '../store/folder-lock.ts';
import type { Interaction } from '../store/interaction.ts';
import type { SessionDeps } from './deps.ts';
import { reconcile, segmentsToAsk } from './reconcile.ts';
import type { ResumeState } from './resumable.ts';
import { clockPair } from './row-reference.ts';
import type { CounterIdentity } from './types.ts';

/** What taking a session over needs of its records. */
export interface ResumePorts {
  claim(
    tokenHash: string,
    counter: Pick<CounterIdentity, 'clientId' | 'counterId'>,
  ): Promise<{ sessionId: string; owner: string | null } | null>;
  ownerOf(tokenHash: string): Promise<string | null | undefined>;
  take(tokenHash: string): Promise<string | null>;
}

export interface TakeOver {
  deps: Pick<SessionDeps, 'clock'>;
  store: ResumePorts;
  rows(clientId: string, sessionId: string, segments: readonly number[]): Promise<Interaction[]>;
  recovered(): Promise<void>;
  identity: CounterIdentity;
  tokenHash: string;
  /** First byte of the stream that the device still has. */
  keptFrom: number;
}

/** How long a process that has the session is given to let go of it: it looks twice a second whether it should. */
const RELEASE_MS = 1500;
const LOOK_EVERY_MS = 50;
/** How long the journals of a process that died here are waited for. */
const RECOVERY_MS = 2000;

/**
 * Makes a session this process's own: asks the one that has it to let go, or finds that it is dead, and brings what it
 * left up to date. Null: there is no such session for this counter, or nothing of it can be taken up.
 */
export async function takeOver(wish: TakeOver): Promise<ResumeState | null> {
  const { store, identity, tokenHash } = wish;
  const claimed = await store.claim(tokenHash, identity);
  if (!claimed) return null;
  const isReleased = claimed.owner === null || (await released(wish, claimed.owner));
  if (!isReleased) await bounded(wish, wish.recovered(), RECOVERY_MS);
  const text = await store.take(tokenHash);
  if (text === null) return null;
  const state = JSON.parse(text) as ResumeState;
  if (state.v !== 1) return null;
  const conversation = isReleased ? state.conversation : await caughtUp(wish, state);
  const { point } = conversation.place;
  // A header lies behind what the device still has: nobody can tell what its bytes are.
  if (point.state === null && wish.keptFrom > point.byte) return null;
  return { ...state, conversation };
}

/** Whether the owner let go; false: it is dead, or does not answer. */
async function released({ deps, store, tokenHash }: TakeOver, owner: string): Promise<boolean> {
  const until = deps.clock.now() + RELEASE_MS;
  while (deps.clock.now() < until) {
    if (isProcessGone(owner)) return false;
    const now = await store.ownerOf(tokenHash);
    if (now === null) return true;
    if (now === undefined) return false;
    await new Promise<void>((resolve) => deps.clock.after(LOOK_EVERY_MS, resolve));
  }
  return false;
}

/** What it stored after its last record is in the database, if it could still write it there. */
async function caughtUp({ deps, rows, identity }: TakeOver, { conversation }: ResumeState) {
  const stored = await rows(identity.clientId, conversation.sessionId, segmentsToAsk(conversation));
  return reconcile(conversation, stored, clockPair(deps.clock));
}

async function bounded({ deps }: TakeOver, work: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = deps.clock.after(ms, resolve);
  await Promise.race([work, promise]);
  cancel();
}
