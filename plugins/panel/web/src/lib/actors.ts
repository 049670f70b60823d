import { shell } from '../messages/shell.ts';
import { get } from './api.ts';
import { useLoad } from './load.ts';
import { can, me } from './session.ts';

interface Person {
  id: string;
  name: string;
  email: string | null;
}

/** How a change's author is called: `admin:<id>`, `token:<id>`, `cli` or `system`, in words. */
export type ActorNames = (actor: string) => string;

/** Names authors: by name for those who may see the people, else by what they are. */
export function useActors(): ActorNames {
  const people = useLoad(can('users.write') ? 'actors' : null, (signal) =>
    get<{ items: Person[] }>('/api/v1/users', { limit: 200 }, signal),
  );
  const known = new Map((people.data?.items ?? []).map(({ id, name, email }) => [id, name || (email ?? '')]));
  return (actor) => nameOf(actor, me.value?.id ?? null, known);
}

/** @param own id of who looks. */
export function nameOf(actor: string, own: string | null, known: ReadonlyMap<string, string>): string {
  const [kind = '', id = ''] = actor.split(':', 2);
  if (kind === 'system') return shell('actor.system');
  if (kind === 'cli') return shell('actor.cli');
  if (kind === 'token') return shell('actor.token');
  if (kind === 'admin' && id === own) return shell('actor.me');
  return known.get(id) ?? (id === 'owner' ? shell('actor.owner') : shell('actor.other'));
}
