import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { words as t } from '../messages/audit-words.ts';
import { ApiError, get } from './api.ts';
import { can, clientName, me } from './session.ts';

/** Names of accounts, by id, as far as whoever looks may list them. */
export const people = signal<ReadonlyMap<string, string>>(new Map());

/** Reads the names once a page shows who did something. Who may not list them sees the own name alone. */
export function usePeople(): void {
  useEffect(() => {
    if (!can('users.write')) return;
    const stop = new AbortController();
    get<{ items: { id: string; name: string }[] }>('/api/v1/users', { limit: 500 }, stop.signal).then(
      ({ items }) => {
        people.value = new Map(items.map(({ id, name }) => [id, name]));
      },
      (error: unknown) => {
        // Names are a convenience: without them the page says "somebody", and its own data says what is wrong.
        if (!(error instanceof ApiError) && !stop.signal.aborted) throw error;
      },
    );
    return () => stop.abort();
  }, []);
}

/** An account by its id. */
export function personName(id: string): string {
  const own = me.value;
  return people.value.get(id) ?? (own?.id === id ? own.name : t('unknown'));
}

/** Who did something, as the server names it: `admin:<id>`, `token:<id>`, `client:<id>`, `cli`, `system`, … */
export function actorText(actor: string): string {
  const colon = actor.indexOf(':');
  const [kind, id] = colon < 0 ? [actor, ''] : [actor.slice(0, colon), actor.slice(colon + 1)];
  if (kind === 'admin') return personName(id);
  if (kind === 'client') return t('who.client', { name: clientName(id) });
  return t.of(`who.${kind}`, actor);
}
