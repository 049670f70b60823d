import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { Test } from 'tap';
import { PERMISSIONS, type Permission } from '../../core/http/permissions.ts';
import { insertInteractions } from '../../core/store/interactions.ts';
import type { RoleName } from '../../core/store/roles-table.ts';
import { type RunningBalto, startBalto } from './balto.ts';
import { interaction } from './interactions.ts';
import { person } from './people.ts';
import type { RouteEntry } from './route-entry.ts';
import { ROUTES } from './route-table.ts';

/** What each role may, written out: not taken from the code that is tested. */
const VIEWER: Permission[] = ['clients.read', 'interactions.read'];
const PHARMACIST: Permission[] = [...VIEWER, 'reviews.write', 'lists.tighten'];
const PLATFORM_ONLY: Permission[] = ['platform', 'prices.write'];
const OWNER = (Object.keys(PERMISSIONS) as Permission[]).filter((each) => !PLATFORM_ONLY.includes(each));
const OWNERS_ONLY: readonly Permission[] = ['users.reset', 'privacy.erase'];
const ADMIN = OWNER.filter((each) => !OWNERS_ONLY.includes(each));
const ALL = Object.keys(PERMISSIONS) as Permission[];

/** A caller of the matrix: what it sends, where it has a role, and what it may there. */
interface Caller {
  headers(entry: RouteEntry): Promise<Record<string, string>>;
  kind: 'nobody' | 'user' | 'token';
  at: 'own' | 'other' | 'platform' | 'nowhere';
  may(entry: RouteEntry): boolean;
}

type Things = Record<NonNullable<RouteEntry['id']>, () => Promise<string>>;

interface Fixture {
  balto: RunningBalto;
  /** Ids of what belongs to the client: the same each time, for who only looks. */
  things: Things;
  /** New ones each time. */
  fresh: Things;
  callers: Record<string, Caller>;
}

/** Every route that is registered while `start` runs, as `METHOD /path`. */
async function routesOf<T>(start: () => Promise<T>): Promise<{ started: T; routes: Set<string> }> {
  const routes = new Set<string>();
  const listen = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }: RouteOptions) => {
      for (const each of [method].flat()) routes.add(`${each} ${url}`);
    });
  };
  subscribe('fastify.initialization', listen);
  try {
    return { started: await start(), routes };
  } finally {
    unsubscribe('fastify.initialization', listen);
  }
}

/** A HEAD is a GET that says less: that it has the same lock is seen by these. */
const HEAD_CALLERS = new Set(['nobody', 'viewer', 'owner of another client']);

function entryOf(route: string): RouteEntry | undefined {
  return ROUTES[route] ?? ROUTES[route.replace(/^HEAD /, 'GET ')];
}

async function fixtureOf(balto: RunningBalto): Promise<Fixture> {
  const { store } = balto.balto;
  const { client } = await store.clients.create({ email: 'outra@farmacia.com.br', companyName: 'Outra' });
  const session = async (userId: string) => ({
    cookie: `admin_token=${(await store.admin.createSession(userId)).token}`,
  });
  const user = async (at: Caller['at'], role: RoleName, may: Permission[]): Promise<Caller> => {
    const clientId = { own: balto.clientId, other: client.clientId, platform: null, nowhere: client.clientId }[at];
    const { id } = await person(store, { clientId, role });
    if (at === 'nowhere') await store.users.removeRole(id, '*', clientId, { actor: 'cli' });
    return {
      kind: 'user',
      at,
      headers: () => session(id),
      may: ({ needs }) => may.includes(needs as Permission),
    };
  };
  const owner = await person(store, { clientId: null, role: 'owner' });
  const made = new Map<string, Record<string, string>>();
  const bearer = async (scopes: Permission[], clientId: string | null) => {
    const key = [clientId, ...scopes].join();
    const known = made.get(key);
    if (known) return known;
    const input = { userId: owner.id, clientId, name: 'x', scopes, expiresAt: null };
    const { secret } = await store.tokens.create(input, { actor: 'cli' });
    const headers = { authorization: `Bearer ${secret}` };
    made.set(key, headers);
    return headers;
  };
  const token = (at: Caller['at'], scopes: (entry: RouteEntry) => Permission[], cut: Permission[] = ALL): Caller => ({
    kind: 'token',
    at,
    headers: (entry) => bearer(scopes(entry), at === 'platform' ? null : balto.clientId),
    may: (entry) => {
      const held = scopes(entry).filter((each) => cut.includes(each));
      return [entry.needs, ...(entry.also ?? [])].every((each) => held.includes(each as Permission));
    },
  });
  const nobody = (headers: Record<string, string>): Caller => ({
    kind: 'nobody',
    at: 'other',
    headers: async () => headers,
    may: () => false,
  });
  const fresh = thingsOf(balto);
  const exactly = ({ needs, also = [] }: RouteEntry) => ALL.filter((each) => each === needs || also.includes(each));
  return {
    balto,
    things: Object.fromEntries(Object.entries(fresh).map(([what, make]) => [what, once(make)])) as Things,
    fresh,
    callers: {
      nobody: nobody({}),
      'a wrong key': nobody({ authorization: `Bearer bt_${'x'.repeat(43)}` }),
      'a wrong cookie': nobody({ cookie: `admin_token=${'x'.repeat(43)}` }),
      'the constant cookie of the original': nobody({ cookie: 'admin_token=auth_ok' }),
      'a counter': nobody({ authorization: `Bearer ${balto.apiKey}`, cookie: `admin_token=${balto.apiKey}` }),
      'an invitation': nobody({ authorization: `Bearer bi_${'x'.repeat(43)}` }),
      'somebody without a role': await user('nowhere', 'viewer', []),
      viewer: await user('own', 'viewer', VIEWER),
      farmaceutico: await user('own', 'farmaceutico', PHARMACIST),
      'admin of another client': await user('other', 'admin', ADMIN),
      'owner of another client': await user('other', 'owner', OWNER),
      admin: await user('own', 'admin', ADMIN),
      owner: await user('own', 'owner', OWNER),
      'platform admin': await user('platform', 'admin', ADMIN),
      'platform owner': await user('platform', 'owner', ALL),
      'a token with the scope': token('platform', exactly),
      'a token with all but the scope': token('platform', ({ needs }) => ALL.filter((each) => each !== needs)),
      'a token of the client with every scope': token('own', () => ALL, OWNER),
    },
  };
}

/** What must come: `pass`, or the statuses of a refusal. What one has no part in does not exist: 404. */
function expected(entry: RouteEntry, { kind, at, may }: Caller): 'pass' | number[] {
  const { needs, client = 'none', sessionOnly = false } = entry;
  if (needs === 'public' || needs === 'counter') return 'pass';
  if (kind === 'nobody' || needs === 'own-token') return [401];
  if (needs === 'user') return kind === 'user' ? 'pass' : [403];
  if (needs === 'signed-in') return 'pass';
  if (kind === 'token' && sessionOnly) return [403];
  if (at === 'nowhere') return [403, 404];
  if (client === 'own' && at === 'other') return may(entry) ? [404] : [403, 404];
  if (client === 'none' && at !== 'platform') return [403];
  return may(entry) ? 'pass' : [403];
}

function thingsOf({ balto, clientId }: RunningBalto): Things {
  const { store } = balto;
  return {
    client: async () => clientId,
    counter: async () => (await store.counters.register(clientId, 'Caixa')).counter.counterId,
    user: async () => (await person(store, { clientId, role: 'viewer' })).id,
    session: async () => 'outras',
    none: async () => 'x',
    interaction: async () => {
      const row = interaction({ id: store.ids.nextId(), clientId, decision: {} });
      await store.db.system((trx) => insertInteractions(trx, [row]));
      return String(row.id);
    },
    alert: async () => {
      const subject = randomUUID();
      await store.db.system((trx) => store.alerts.raiseIn(trx, { clientId, kind: 'x.y', subject }));
      const { items } = await store.alerts.page({ clientIds: [clientId] }, 1);
      return String(items[0]?.id);
    },
    credential: async () => {
      const input = { clientId, vendor: 'acme', label: 'x', credential: { apiKey: randomUUID() }, secret: 'x' };
      return (await store.credentials.add(input, { actor: 'cli' })).id;
    },
    draft: async () => {
      const changes = [{ clientId, counterId: null, section: 'providers.stt', value: {} }];
      const input = { clientId, counterId: null, changes, author: 'cli', baseVersion: 0 };
      return (await store.configDrafts.create(input)).id;
    },
    token: async () => {
      const userId = (await person(store, { clientId, role: 'owner' })).id;
      const input = { userId, clientId, name: 'x', scopes: [], expiresAt: null };
      return (await store.tokens.create(input, { actor: 'cli' })).token.id;
    },
  };
}

function once(make: () => Promise<string>): () => Promise<string> {
  let made: Promise<string> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function ask(route: string, entry: RouteEntry, fixture: Fixture, headers: Record<string, string>) {
  const [method = 'GET', path = ''] = route.split(' ');
  const { balto } = fixture;
  const what = entry.id ?? (path.includes('/counters/') ? 'counter' : 'client');
  const id = await (method === 'GET' ? fixture.things : fixture.fresh)[what]();
  const url = path
    .replace('/:id', `/${id}`)
    .replace('/:kind', '/stt')
    .replace('/:vendor', '/deepgram')
    .replace('/:employee', `/${await employeeOf(balto)}`)
    .replace('/:n/', '/1/')
    .replace(/:n$/, '1')
    .replace('/:user_codigo', `/${balto.clientId}`)
    .replace('/:client', `/${balto.clientId}`)
    .replace(/\/:(?:product|import)\b/, '/1')
    .replace(/^\*|\*$/, (_star, at: number) => (at === 0 ? '/x' : 'x'));
  const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(method) && !(method === 'DELETE' && !entry.body);
  const body = JSON.stringify(entry.body ?? {})
    .replaceAll('$client', balto.clientId)
    .replaceAll('$email', `${randomUUID()}@x.com`);
  const answer = await fetch(balto.url + url + (entry.query ?? ''), {
    method,
    headers: { ...(hasBody ? { 'content-type': 'application/json' } : {}), ...entry.headers, ...headers },
    ...(hasBody ? { body } : {}),
    redirect: 'manual',
  });
  const text = await textOf(answer);
  return { status: answer.status, text: text.slice(0, 200) };
}

/** A stream has no end to be waited for. */
async function textOf(answer: Response): Promise<string> {
  if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) return await answer.text();
  await answer.body?.cancel();
  return '';
}

/** Somebody of the client: the first there is, or a new one. */
async function employeeOf({ balto, clientId }: RunningBalto): Promise<number> {
  const { items } = await balto.store.employees.page(clientId, undefined, 1);
  return items[0]?.id ?? (await balto.store.employees.create(clientId, randomUUID(), { actor: 'cli' })).id;
}

function passed(status: number, entry: RouteEntry): boolean {
  if (status === 404) return entry.mayBeAbsent === true;
  return status !== 401 && status !== 403 && (status < 500 || status === 503);
}

/**
 * Asks every route as every caller, or as those named in `only`, and holds the answers against the route table. A route
 * without an entry there, or an entry without a route, fails.
 */
export async function routeMatrix(t: Test, only?: readonly string[]): Promise<void> {
  const { started, routes } = await routesOf(() => startBalto(t));
  const known = [...routes].filter((route) => entryOf(route));
  t.same(
    [...routes].filter((route) => !entryOf(route)),
    [],
    'a new route needs an entry in test/helpers/route-table.ts',
  );
  t.same(
    Object.keys(ROUTES).filter((route) => !routes.has(route)),
    [],
    'an entry without a route',
  );
  const fixture = await fixtureOf(started);
  for (const name of only ?? []) if (!(name in fixture.callers)) throw new Error(`no such caller: ${name}`);
  const callers = Object.entries(fixture.callers).filter(([name]) => only?.includes(name) ?? true);
  for (const route of known.sort()) await checkRoute(t, route, { ...fixture, callers: Object.fromEntries(callers) });
}

async function checkRoute(t: Test, route: string, fixture: Fixture): Promise<void> {
  const entry = entryOf(route);
  if (!entry) return;
  const wrong: string[] = [];
  for (const [name, caller] of Object.entries(fixture.callers)) {
    if (route.startsWith('HEAD ') && !HEAD_CALLERS.has(name)) continue;
    const headers = await caller.headers(entry);
    const { status, text } = await ask(route, entry, fixture, headers);
    const due = expected(entry, caller);
    const isRight = due === 'pass' ? passed(status, entry) : due.includes(status);
    if (!isRight) wrong.push(`${name}: ${due} was due, ${status} came: ${text}`);
  }
  t.same(wrong, [], route);
}
