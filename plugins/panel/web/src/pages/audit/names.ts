import { personName } from '../../lib/people.ts';
import { clientName } from '../../lib/session.ts';
import { words as t } from '../../messages/audit-words.ts';

/** What was done, in words; a code that is new is shown as it is. */
export function didText(action: string): string {
  return t.of(`did.${action}`, action);
}

/** What it was done to: by name where there is one, by its number where people know it by that. */
export function targetText(target: string, counters: ReadonlyMap<string, string>): string {
  const colon = target.indexOf(':');
  const [kind, id] = colon < 0 ? [target, ''] : [target.slice(0, colon), target.slice(colon + 1)];
  if (kind === 'client') return clientName(id);
  if (kind === 'user' || kind === 'admin') return personName(id);
  if (kind === 'counter') return t('of.counter', { name: counters.get(id) ?? id.slice(0, 8) });
  return t.of(`of.${kind}`, target).replace('{id}', id);
}
