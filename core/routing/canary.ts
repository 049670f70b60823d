import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { BaltoError } from '../contracts/index.ts';
import type { ConfigDraft } from '../store/config-drafts-table.ts';
import { type ConfigSnapshot, sectionsOf } from '../store/config-snapshot.ts';
import type { ConfigChange } from '../store/config-table.ts';

/** Which counters try a draft first: these, or a share (0 to 1) of all that it would reach. */
export type CanaryAsked = { counterIds: readonly string[] } | { share: number };

/** The draft's choices as the counters' own: there they stand over the client's. */
export function canaryChanges(draft: ConfigDraft, counterIds: readonly string[]): ConfigChange[] {
  return counterIds.flatMap((counterId) => draft.changes.map((change) => ({ ...change, counterId })));
}

/**
 * The counters that try a draft, and how many it would reach. A share is drawn by the draft's and the counter's id: the same
 * every time it is asked, at least one, never those with a choice of their own, which the draft would not reach.
 * @throws BaltoError `BALTO_CONFIG_CANARY` (422).
 */
export function canaryCounters(
  draft: ConfigDraft,
  asked: CanaryAsked,
  counters: readonly { clientId: string; counterId: string }[],
  snapshot: ConfigSnapshot,
): { counterIds: string[]; of: number } {
  const { clientId, counterId, changes, canary, id } = draft;
  const isOfClient = clientId !== null && counterId === null;
  const isList = changes.every((each) => each.section.startsWith('providers.') && each.value !== null);
  if (!isOfClient || !isList) throw unfit('Só a troca de provedores de um cliente pode ser provada em alguns balcões.');
  if (canary) throw unfit('Este rascunho já está em prova.');
  const hasOwn = (counter: string) => {
    const own = sectionsOf(snapshot, clientId, counter);
    return changes.some(({ section }) => own.has(section));
  };
  const reached = counters.flatMap((each) =>
    each.clientId === clientId && !hasOwn(each.counterId) ? [each.counterId] : [],
  );
  const counterIds = 'share' in asked ? drawn(reached, asked.share, id) : [...new Set(asked.counterIds)];
  const foreign = counterIds.find((each) => !reached.includes(each));
  if (foreign !== undefined)
    throw unfit('Um dos balcões não é deste cliente, ou tem uma escolha própria.', 'counterIds');
  if (counterIds.length === 0) throw unfit('Não há balcão deste cliente em que provar.');
  return { counterIds, of: reached.length };
}

/** What takes a draft back from where it is tried; what is not the draft's any more is left as it is. */
export function withdrawn(draft: ConfigDraft, snapshot: ConfigSnapshot): ConfigChange[] {
  return canaryChanges(draft, draft.canary?.counterIds ?? []).flatMap((change) => {
    const now = sectionsOf(snapshot, change.clientId, change.counterId).get(change.section);
    return isDeepStrictEqual(now, change.value) ? [{ ...change, value: null }] : [];
  });
}

function drawn(counterIds: readonly string[], share: number, seed: string): string[] {
  const rank = (counterId: string) => createHash('sha256').update(`${seed} ${counterId}`).digest('hex');
  const sorted = [...counterIds].sort((a, b) => rank(a).localeCompare(rank(b)));
  return sorted.slice(0, Math.max(1, Math.round(share * sorted.length)));
}

function unfit(message: string, field?: string): BaltoError {
  return new BaltoError({
    code: 'BALTO_CONFIG_CANARY',
    message,
    statusCode: 422,
    ...(field === undefined ? {} : { field }),
  });
}
