import { computed, signal } from '@preact/signals';
import { ApiError, get, send, sessionEnded } from './api.ts';

interface Role {
  /** Null: the whole installation. */
  clientId: string | null;
  role: string;
  permissions: string[];
}

/** Who looks, as `GET /api/v1/me` says. */
export interface Me {
  kind: 'user' | 'token';
  id: string;
  email: string | null;
  name: string;
  roles: Role[];
}

export interface ClientName {
  id: string;
  name: string;
}

const CHOSEN = 'balto.cliente';

/** Undefined: not asked yet. Null: nobody. */
export const me = signal<Me | null | undefined>(undefined);
/** The clients that may be seen, by name. */
export const clients = signal<readonly ClientName[]>([]);
/** The client all pages are about; null: all that may be seen. */
export const chosenClient = signal<string | null>(null);

/** Whether this permission is held in `clientId`; without one, in at least one client. */
export function can(permission: string, clientId?: string | null): boolean {
  return (me.value?.roles ?? []).some(
    (role) =>
      role.permissions.includes(permission) &&
      (clientId === undefined || role.clientId === null || role.clientId === clientId),
  );
}

/** Whether this permission is held for the whole installation. */
export function canEverywhere(permission: string): boolean {
  return (me.value?.roles ?? []).some((role) => role.clientId === null && role.permissions.includes(permission));
}

/** The client to work on where one is needed: the chosen one, else the only one there is. */
export const oneClient = computed<string | null>(() => {
  const all = clients.value;
  return chosenClient.value ?? (all.length === 1 ? (all[0]?.id ?? null) : null);
});

/** A client's name, or its id while the name is unknown. */
export function clientName(id: string | null | undefined): string {
  return clients.value.find((client) => client.id === id)?.name ?? id ?? '';
}

/** Remembered in this browser: a number of a row, no name and no secret. */
export function chooseClient(id: string | null): void {
  chosenClient.value = id;
  if (id === null) localStorage.removeItem(CHOSEN);
  else localStorage.setItem(CHOSEN, id);
}

/** Asks who is there, and which clients there are. @throws ApiError unless it is 401. */
export async function loadSession(): Promise<void> {
  try {
    const found = await get<Me>('/api/v1/me');
    await loadClients();
    me.value = found;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    me.value = null;
  }
}

/** Reads the clients again: after one was added or renamed. */
export async function loadClients(): Promise<void> {
  const all: ClientName[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: { id: string; companyName: string }[]; next: string | null } = await get('/api/v1/clients', {
      limit: 100,
      cursor,
    });
    all.push(...page.items.map(({ id, companyName }) => ({ id, name: companyName })));
    cursor = page.next ?? null;
  } while (cursor !== null);
  clients.value = all;
  const stored = localStorage.getItem(CHOSEN);
  chosenClient.value = stored !== null && all.some(({ id }) => id === stored) ? stored : null;
}

/** @throws ApiError: wrong password, too many attempts, no TLS. */
export async function login(email: string, password: string): Promise<void> {
  await send('POST', '/admin/login', { password, ...(email === '' ? {} : { email }) });
  await loadSession();
}

export async function logout(): Promise<void> {
  await send('POST', '/admin/logout', {});
  me.value = null;
}

sessionEnded.subscribe((count) => {
  if (count > 0 && me.peek()) me.value = null;
});
