import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { BaltoError } from '../contracts/index.ts';
import type { ConfigDraft } from '../store/config-drafts-table.ts';
import { type ConfigSnapshot, placesOf, sectionsOf } from '../store/config-snapshot.ts';
import type { ConfigChange } from '../store/config-table.ts';
import type { RoutingSection, TriedRoutingSection } from './rule.ts';

/** Which counters try a draft first: these, or a share (0 to 1) of all that it would reach. */
export type CanaryAsked = { counterIds: readonly string[] } | { share: number };

/** A counter, and whose it is. */
interface TryingCounter {
  clientId: string;
  counterId: string;
}

/** The draft's choices as the counters' own: there they stand over the client's, and over everyone's. */
export function canaryChanges(draft: ConfigDraft, counters: readonly TryingCounter[]): ConfigChange[] {
  return counters.flatMap(({ clientId, counterId }) =>
    draft.changes.map(({ section, value }) => ({ clientId, counterId, section, value: tried(draft, section, value) })),
  );
}

/** Rules at a counter name the draft they are of: each decision made by them is stored with it. */
function tried({ id, clientId }: ConfigDraft, section: string, value: object | null): object | null {
  if (section !== 'routing' || value === null) return value;
  const { rules } = value as RoutingSection;
  return { rules, draft: id, of: clientId === null ? 'global' : 'client' } satisfies TriedRoutingSection;
}

/**
 * The counters that try a draft, and how many it would reach. A share is drawn by the draft's and the counter's id: the same
 * every time it is asked, at least one, never those with a choice of their own, which the draft would not reach.
 * @throws BaltoError `BALTO_CONFIG_CANARY` (422).
 */
export function canaryCounters(
  draft: ConfigDraft,
  asked: CanaryAsked,
  counters: readonly TryingCounter[],
  snapshot: ConfigSnapshot,
): { counters: TryingCounter[]; of: number } {
  const { canary, id } = draft;
  if (!isTriable(draft)) {
    throw unfit('Só a troca de provedores de um cliente, ou as regras de rota, podem ser provadas em alguns balcões.');
  }
  if (canary) throw unfit('Este rascunho já está em prova.');
  const reached = counters.filter((each) => reaches(draft, each, snapshot));
  const named = 'share' in asked ? null : [...new Set(asked.counterIds)];
  const foreign = named?.find((each) => !reached.some(({ counterId }) => counterId === each));
  if (foreign !== undefined)
    throw unfit('Um dos balcões não é deste cliente, ou tem uma escolha própria.', 'counterIds');
  const chosen =
    'share' in asked
      ? drawn(reached, asked.share, id)
      : reached.filter(({ counterId }) => named?.includes(counterId) === true);
  if (chosen.length === 0) throw unfit('Não há balcão em que provar.');
  return { counters: chosen, of: reached.length };
}

/** A client's providers replace a counter's whole, so do rules, everyone's too; the rest has no place at a counter. */
function isTriable({ clientId, counterId, changes }: ConfigDraft): boolean {
  if (counterId !== null || changes.length === 0) return false;
  return changes.every(
    ({ section, value }) =>
      value !== null && (section === 'routing' || (section.startsWith('providers.') && clientId !== null)),
  );
}

function reaches({ clientId, changes }: ConfigDraft, counter: TryingCounter, snapshot: ConfigSnapshot): boolean {
  if (clientId !== null && counter.clientId !== clientId) return false;
  const own = sectionsOf(snapshot, counter.clientId, counter.counterId);
  return !changes.some(({ section }) => own.has(section));
}

/** What takes a draft back from where it is tried; what is not the draft's any more is left as it is. */
export function withdrawn(draft: ConfigDraft, snapshot: ConfigSnapshot): ConfigChange[] {
  const counterIds = new Set(draft.canary?.counterIds ?? []);
  const counters = placesOf(snapshot).flatMap(([clientId, counterId]) =>
    clientId !== null && counterId !== null && counterIds.has(counterId) ? [{ clientId, counterId }] : [],
  );
  return canaryChanges(draft, counters).flatMap((change) => {
    const now = sectionsOf(snapshot, change.clientId, change.counterId).get(change.section);
    return isDeepStrictEqual(now, change.value) ? [{ ...change, value: null }] : [];
  });
}

function drawn(counters: readonly TryingCounter[], share: number, seed: string): TryingCounter[] {
  const rank = ({ counterId }: TryingCounter) => createHash('sha256').update(`${seed} ${counterId}`).digest('hex');
  const sorted = [...counters].sort((a, b) => rank(a).localeCompare(rank(b)));
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
