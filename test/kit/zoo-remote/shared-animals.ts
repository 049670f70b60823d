import Type from 'typebox';
import {
  isProviderError,
  type Kind,
  type ProviderContext,
  ProviderError,
  type ProviderErrorInit,
} from '../../../core/contracts/index.ts';
import type { KitSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { settingsSchema } from './caller.ts';
import { type Defects, type Reference, subjectOf } from './defects.ts';

type Fetch = typeof globalThis.fetch;

/** Animals of every kind that asks a vendor; `ways` are how the suite asks, and where the body matters not. */
export function sharedAnimals<K extends Kind, S extends KitSubject<K>>(
  reference: Reference<K>,
  ways: readonly { id: string; isRaw?: boolean }[],
  finish: (subject: KitSubject<K>) => S,
): Animal<S>[] {
  const animal = (trips: string, name: string, defects: Defects<K>): Animal<S> => ({
    name,
    trips,
    subject: finish(subjectOf(reference, defects)),
  });
  return [
    ...manifestAnimals(animal, reference),
    ...lifeAnimals(animal, reference),
    ...ways.flatMap(({ id, isRaw }) => [...faultAnimals(animal, id, isRaw ?? false), ...abortAnimals(animal, id)]),
    animal('key-hidden', 'quotes what the vendor said', { ctx: (ctx, { apiKey }) => chatty(ctx, String(apiKey)) }),
    animal('content-hidden', 'logs what it sends', { ctx: (ctx) => chatty(ctx, undefined) }),
  ];
}

type Make<K extends Kind, S> = (trips: string, name: string, defects: Defects<K>) => Animal<S>;

function manifestAnimals<K extends Kind, S>(animal: Make<K, S>, reference: Reference<K>): Animal<S>[] {
  const { model, baseUrl } = settingsSchema.properties;
  const loose = { ...settingsSchema, properties: { baseUrl, model: Type.Any({ title: 'Modelo', default: 'acme-2' }) } };
  const empty = Type.Object({ baseUrl, model: Type.String({ title: 'Modelo', default: 'acme-2' }) });
  const away = Type.Object({ model, baseUrl: { ...baseUrl, default: 'https://other.example' } });
  const open = Type.Object({ apiKey: Type.Optional(Type.String({ title: 'Chave', secret: true })) });
  return [
    animal('manifest-named', 'is written for contracts that do not exist yet', { vendor: { specVersion: 9 as never } }),
    animal('manifest-hosts', 'goes by default where its vendor names no host', { manifest: { settings: away } }),
    animal('settings-wrong-type', 'takes any model', { manifest: { settings: loose } }),
    animal('settings-wrong-value', 'takes an empty model', { manifest: { settings: empty } }),
    animal('credential-required', 'does without a key', { vendor: { credential: open } }),
    animal('create-refuses-wrong-config', 'believes what it is given', {
      manifest: {
        create: (_credential, _settings, ctx) => reference.create({ apiKey: 'x' }, {}, ctx),
      },
    }),
  ];
}

function lifeAnimals<K extends Kind, S>(animal: Make<K, S>, reference: Reference<K>): Animal<S>[] {
  const instances: unknown[] = [];
  const asking =
    (times: number) =>
    async (...[credential, settings, ctx]: Parameters<Reference<K>['probe']>) => {
      for (let i = 0; i < times; i++) await reference.probe(credential, settings, ctx);
    };
  let newest: Record<string, unknown> = {};
  return [
    animal('create-no-io', 'looks around when it is made', {
      ctx(ctx) {
        ctx.fetch('http://127.0.0.1:1/').catch(() => undefined);
        return ctx;
      },
    }),
    animal('two-instances', 'keeps its key for all of them', {
      credential(credential) {
        newest = Object.keys(newest).length === 0 ? credential : newest;
        return newest;
      },
    }),
    animal('instance-close', 'cannot be closed twice', {
      instance: (right) => {
        const close = async () => {
          if (instances.includes(right)) throw new Error('closed');
          instances.push(right);
        };
        return { close } as never;
      },
    }),
    animal('throwing-context', 'lets the platform’s errors out', { error: causeOf }),
    animal('probe-passes', 'says no to a key that works', { probe: () => Promise.reject(failure({ code: 'auth' })) }),
    animal('probe-wrong-key', 'says yes to any key', { probe: asking(0) }),
    animal('probe-unreachable', 'blames the key for a vendor that is away', {
      probe: (...given) =>
        reference.probe(...given).catch(() => {
          throw failure({ code: 'auth' });
        }),
    }),
    animal('probe-cheap', 'asks four times', { probe: asking(4) }),
    animal('probe-retired', 'lets a retired model pass', {
      probe: async (credential, _settings, ctx) => {
        await reference.probe(credential, { ..._settings, model: 'acme-2' }, ctx);
      },
    }),
  ];
}

function faultAnimals<K extends Kind, S>(animal: Make<K, S>, way: string, isRaw: boolean): Animal<S>[] {
  const told = (id: string, name: string, code: string, change: Partial<ProviderErrorInit>) =>
    animal(`${way}-${id}`, name, { error: (error) => retold(error, code, change) });
  const limited = 'rate_limited';
  return [
    told('refused', 'takes a closed port for a broken server', 'connection', { code: 'server' }),
    told('reset', 'takes a reset for a broken server', 'connection', { code: 'server' }),
    animal(`${way}-rate-limited`, 'does not say what is limited', { error: (error) => without(error, 'scope') }),
    animal(`${way}-retry-after`, 'forgets how long to wait', { error: (error) => without(error, 'retryAfterMs') }),
    told('auth', 'takes a wrong key for a wrong request', 'auth', { code: 'invalid_request' }),
    told('quota', 'takes an empty account for haste', 'quota', { code: limited, scope: 'rate' }),
    told('server-error', 'gives up on a server that stumbled', 'server', { code: 'server', retryable: false }),
    animal(`${way}-one-attempt`, 'tries again', { ctx: (ctx) => ({ ...ctx, fetch: twice(ctx.fetch) }) }),
    animal(`${way}-vendor-code`, 'forgets the vendor’s code', { error: (error) => without(error, 'vendorCode') }),
    ...(isRaw
      ? []
      : [
          told('malformed', 'blames the key for what is no JSON', '*', { code: 'auth' }),
          told('wrong-shape', 'blames the key for another shape', '*', { code: 'auth' }),
        ]),
    told('huge', 'blames the key for a body without end', '*', { code: 'auth' }),
    animal(`${way}-redirect`, 'goes where it is sent', {
      ctx: (ctx) => ({ ...ctx, fetch: (url, init) => globalThis.fetch(url, { ...init, redirect: 'follow' }) }),
    }),
  ];
}

function abortAnimals<K extends Kind, S>(animal: Make<K, S>, way: string): Animal<S>[] {
  const fetching = (change: (fetch: Fetch) => Fetch) => ({
    ctx: (ctx: ProviderContext) => ({ ...ctx, fetch: change(ctx.fetch) }),
  });
  return [
    animal(`${way}-abort-before`, 'starts what nobody wants any more', fetching(deaf)),
    animal(`${way}-abort-during`, 'waits on', fetching(deaf)),
    animal(`${way}-abort-releases`, 'rejects and leaves the request running', fetching(leaving)),
    animal(`${way}-abort-drip`, 'reads on after an abort', fetching(readingOn)),
    animal(`${way}-abort-half-open`, 'waits for a body that never comes', fetching(readingOn)),
    animal(`${way}-instance-ends`, 'outlives its instance', {
      ctx: (ctx) => ({ ...ctx, fetch: (url, init) => globalThis.fetch(url, init) }),
    }),
  ];
}

function failure(init: Pick<ProviderErrorInit, 'code'> & Partial<ProviderErrorInit>): ProviderError {
  return new ProviderError({ message: 'não deu', ...init });
}

/** The error with another code; `*` takes any. */
function retold(error: unknown, code: string, change: Partial<ProviderErrorInit>): unknown {
  if (!isProviderError(error) || (code !== '*' && error.code !== code)) return error;
  return failure({ code: error.code, ...fieldsOf(error), retryable: undefined as never, ...change });
}

function without(error: unknown, field: 'scope' | 'retryAfterMs' | 'vendorCode'): unknown {
  if (!isProviderError(error)) return error;
  const fields: Partial<ProviderErrorInit> = fieldsOf(error);
  delete fields[field];
  return failure({ code: error.code, ...fields });
}

function fieldsOf({ scope, retryAfterMs, vendorCode }: ProviderError): Partial<ProviderErrorInit> {
  return {
    ...(scope ? { scope } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(vendorCode ? { vendorCode } : {}),
  };
}

function causeOf(error: unknown): unknown {
  return isProviderError(error) && error.code === 'connection' ? new TypeError('fetch failed') : error;
}

/** A second attempt when the first one fails. */
function twice(fetch: Fetch): Fetch {
  return async (url, init) => {
    const first = await fetch(url, init).catch(() => undefined);
    return first?.ok ? first : fetch(url, init);
  };
}

/** Hears no abort. */
function deaf(fetch: Fetch): Fetch {
  return (url, init) => fetch(url, { ...init, signal: null });
}

/** Hears an abort and lets the request run on. */
function leaving(fetch: Fetch): Fetch {
  return (url, init) => {
    const { promise, reject } = Promise.withResolvers<never>();
    init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    return Promise.race([fetch(url, { ...init, signal: null }), promise]);
  };
}

/** Hears an abort until the head of the answer has come. */
function readingOn(fetch: Fetch): Fetch {
  return async (url, init) => {
    const aborter = new AbortController();
    const abort = () => aborter.abort();
    init?.signal?.addEventListener('abort', abort);
    const response = await fetch(url, { ...init, signal: aborter.signal });
    init?.signal?.removeEventListener('abort', abort);
    return response;
  };
}

/** Logs its key, or else what it sends. */
function chatty(ctx: ProviderContext, key: string | undefined): ProviderContext {
  return {
    ...ctx,
    fetch(url, init) {
      ctx.log.info({ sent: key ?? String(init?.body) }, 'pedido');
      return ctx.fetch(url, init);
    },
  };
}
