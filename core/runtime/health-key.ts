import { parseAddress } from '../registry/address.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { HealthSubject } from './health.ts';
import { modelOf } from './instances.ts';
import type { Candidate } from './types.ts';

const known = new WeakMap<ConfiguredProvider, HealthSubject[]>();

/**
 * Who a candidate is as far as health is concerned: kind, provider, model and credential, and the server where settings
 * name one. Two clients that use the same key learn from each other; two servers behind one plugin do not.
 */
export function healthSubject({ address, credential, provider }: Candidate): HealthSubject {
  const subjects = known.get(provider) ?? [];
  known.set(provider, subjects);
  const subject = subjects[credential];
  if (subject?.address === address) return subject;
  const { kind, provider: id } = parseAddress(address);
  const model = modelOf(provider);
  const fingerprint = provider.fingerprints[credential] ?? String(credential);
  const key = `${kind}/${id}:${model}@${serverOf(provider.settings['baseUrl'])}#${fingerprint}`;
  const made = { key, kind, address, model, credential: fingerprint };
  subjects[credential] = made;
  return made;
}

/** Host and port: a URL may hold more than it should. */
function serverOf(baseUrl: unknown): string {
  return typeof baseUrl === 'string' && URL.canParse(baseUrl) ? new URL(baseUrl).host : '';
}
