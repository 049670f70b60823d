import type { Clock, Log, ProviderError } from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import { toProviderError, withDeadline } from './deadline.ts';
import type { Egress } from './egress.ts';
import { onBehalfOf } from './on-behalf.ts';
import { allowedOrigins, createProviderContext } from './provider-context.ts';

/** What a vendor said of a key; null: it took it, or has no way to be asked. */
export type KeyVerdict = ProviderError | null;

const PROBE_MS = 8000;

/**
 * Asks a vendor whether it takes a key with these settings: by its `probe()`, the one call that tests a credential and
 * carries nothing of a customer's. Never throws for what the vendor, the network or the plugin did.
 */
export async function probeKey(
  configured: ConfiguredProvider,
  credentialIndex: number,
  { clock, log, egress, ms = PROBE_MS }: { clock: Clock; log: Log; egress: Egress; ms?: number },
): Promise<KeyVerdict> {
  const { provider, vendor, settings, guarded, address } = configured;
  const credential = configured.credentials[credentialIndex];
  if (!provider.probe || !credential) return null;
  const life = new AbortController();
  const ctx = createProviderContext({
    log,
    clock,
    origins: allowedOrigins(vendor, settings),
    egress: guarded ? egress : undefined,
    signal: life.signal,
  });
  try {
    await withDeadline({
      clock,
      ms,
      signal: life.signal,
      what: 'testar a chave',
      start: async () => onBehalfOf(address, () => provider.probe?.(credential, settings, ctx)),
    });
    return null;
  } catch (error) {
    return toProviderError(error);
  } finally {
    life.abort();
  }
}

/** Whether an error means that the key or its settings are wrong, and not that nobody can tell now. */
export function isOfTheKey({ code, blame }: ProviderError): boolean {
  return blame === 'config' || code === 'auth' || code === 'quota';
}
