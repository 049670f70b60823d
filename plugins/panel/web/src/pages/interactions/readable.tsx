import type { ComponentChildren } from 'preact';
import { canEverywhere, chosenClient, clients } from '../../lib/session.ts';
import { OneClient } from '../../ui/one-client.tsx';

/** What people said is read of every client at once only by who may read all of them: else one is chosen first. */
export function Readable({ children }: { children: ComponentChildren }) {
  const isOneNeeded = chosenClient.value === null && clients.value.length > 1 && !canEverywhere('interactions.read');
  return isOneNeeded ? <OneClient>{() => children}</OneClient> : children;
}
