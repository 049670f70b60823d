import type { Credential, Kind, ProviderManifest, Settings, VendorManifest } from '../contracts/index.ts';
import type { CheckResult } from './check.ts';
import { EMULATOR_KEY, type Emulator, type EmulatorOptions } from './emulator/index.ts';

/** One provider, and how to get an emulator of its vendor. Suites of a kind extend it with what they need to know. */
export interface KitSubject<K extends Kind = Kind, Options extends EmulatorOptions = EmulatorOptions> {
  vendor: VendorManifest;
  provider: ProviderManifest<K>;
  /**
   * Starts a fresh emulator that accepts {@link EMULATOR_KEY}; the kit closes it. Every check gets its own.
   * Absent for a provider that works in this process: then every check about a vendor is exempt.
   */
  start?(options: Options): Promise<Emulator>;
  /** Settings besides {@link KitSubject.settingsFor}'s. */
  settings?: Settings;
  /** Settings that lead the provider to the emulator. Default: `{ baseUrl: emulator.url }`. */
  settingsFor?(emulator: Emulator): Settings;
  /** Default: {@link EMULATOR_KEY} in the property that the vendor's schema marks `secret`. */
  credential?: Credential;
  /** Servers of this kind may stand open (one's own, mostly): being without a key is right. Default: a key is needed. */
  keyOptional?: boolean;
  /** A name the vendor has retired, and the current one nearest to it: what `probe()` must say. */
  retired?: { model: string; current: string };
  /** Ids of checks that do not concern this vendor, with the reason; never a bronze one. Shown in the report. */
  exempt?: Readonly<Record<string, string>>;
}

/** How one run of a suite is made. */
export interface KitOptions {
  /** Only the checks with these ids. */
  only?: readonly string[];
  onResult?(result: CheckResult): void;
  /** Longest a check may take, in ms. Default 20 s. */
  checkMs?: number;
  /** Longest the kit waits for something a right provider does at once, in ms. Default 3 s; live 15 s. */
  patienceMs?: number;
  /** A real key: the checks run against the vendor itself, and those that need a fault are exempt. Costs money. */
  live?: { credential: Credential; settings?: Settings };
}

/** The model these settings choose; null for a provider without models. */
export function modelOf({ provider, settings }: Pick<KitSubject, 'provider' | 'settings'>): string | null {
  const model = settings?.['model'];
  return typeof model === 'string' ? model : (provider.models[0] ?? null);
}

/** The credential a suite uses on the emulator; see {@link KitSubject.credential}. */
export function credentialOf(
  subject: Pick<KitSubject, 'vendor' | 'credential'>,
  key: string = EMULATOR_KEY,
): Credential {
  const given = subject.credential ?? {};
  const secret = secretName(subject.vendor);
  return secret === undefined ? given : { ...given, [secret]: key };
}

/** Name of the property of the credential that holds the key. */
export function secretName(vendor: Pick<VendorManifest, 'credential'>): string | undefined {
  const properties = (vendor.credential as { properties?: Record<string, { secret?: boolean }> } | undefined)
    ?.properties;
  return Object.entries(properties ?? {}).find(([, property]) => property.secret === true)?.[0];
}

/** The settings a suite creates the provider with; see {@link KitSubject.settingsFor}. */
export function settingsOf(subject: Pick<KitSubject, 'settings' | 'settingsFor'>, emulator?: Emulator): Settings {
  if (!emulator) return { ...subject.settings };
  return { ...subject.settings, ...(subject.settingsFor?.(emulator) ?? { baseUrl: emulator.url }) };
}
