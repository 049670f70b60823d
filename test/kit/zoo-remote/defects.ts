import type {
  Contracts,
  Credential,
  Kind,
  ProviderContext,
  ProviderManifest,
  Settings,
  VendorManifest,
} from '../../../core/contracts/index.ts';
import type { KitSubject } from '../../../core/kit/index.ts';
import { settingsSchema, vendor } from './caller.ts';
import { startAcme } from './wire.ts';

type Instance<K extends Kind> = Contracts[K]['instance'];

/** Where an animal departs from the reference. */
export interface Defects<K extends Kind> {
  vendor?: Partial<VendorManifest>;
  manifest?: Partial<ProviderManifest<K>>;
  /** The world as it sees it. */
  ctx?(ctx: ProviderContext, credential: Credential): ProviderContext;
  /** The credential it uses. */
  credential?(credential: Credential): Credential;
  /** What it throws instead. */
  error?(error: unknown, ctx: ProviderContext): unknown;
  /** Methods it has instead. */
  instance?(right: Instance<K>, ctx: ProviderContext): Partial<Instance<K>>;
  probe?(credential: Credential, settings: Settings, ctx: ProviderContext): Promise<void>;
}

/** How a kind's reference is made. */
export interface Reference<K extends Kind> {
  kind: K;
  capabilities: Contracts[K]['capabilities'];
  create(credential: Credential, settings: Settings, ctx: ProviderContext): Instance<K>;
  probe(credential: Credential, settings: Settings, ctx: ProviderContext): Promise<void>;
  /** Its methods with another way of failing. */
  failing(instance: Instance<K>, error: (reason: unknown) => unknown): Instance<K>;
}

/** The reference of a kind, or an animal. */
export function subjectOf<K extends Kind>(
  reference: Reference<K>,
  defects: Defects<K> = {},
): KitSubject<K> & { start: typeof startAcme } {
  const provider = {
    kind: reference.kind,
    vendor: vendor.id,
    id: 'acme',
    title: 'Acme',
    settings: settingsSchema,
    models: ['acme-2'],
    capabilities: reference.capabilities,
    async create(credential: Credential, settings: Settings, given: ProviderContext) {
      const ctx = defects.ctx?.(given, credential) ?? given;
      const right = reference.create(defects.credential?.(credential) ?? credential, settings, ctx);
      const { error, instance } = defects;
      const failing = error ? reference.failing(right, (reason) => error(reason, ctx)) : right;
      return instance ? { ...failing, ...instance(failing, ctx) } : failing;
    },
    async probe(credential: Credential, settings: Settings, given: ProviderContext) {
      const ctx = defects.ctx?.(given, credential) ?? given;
      return (defects.probe ?? reference.probe)(credential, settings, ctx);
    },
    ...defects.manifest,
  } as unknown as ProviderManifest<K>;
  return {
    vendor: { ...vendor, ...defects.vendor },
    provider,
    start: startAcme,
    retired: { model: 'acme-1', current: 'acme-2' },
  };
}
