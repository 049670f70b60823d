import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../config/environment.ts';
import { listsOf } from '../app-providers.ts';
import type { Registry } from '../registry/registry.ts';
import { Configuration } from '../routing/client-config.ts';
import { readStoredConfig } from '../store/read-config.ts';
import { callServer } from '../store/socket.ts';
import type { Check } from './doctor-checks.ts';
import { silentLog } from './silent-log.ts';

/** What the stored configuration says of who may transcribe. */
export interface StoredTranscription {
  version: number;
  /** Somebody has a usable provider, whatever the environment says. */
  usable: boolean;
}

/**
 * Where the environment names nobody to transcribe, a client's or everyone's stored configuration may: that is no error.
 * With a database that cannot be read the check stays as it is, and the database's own says why.
 */
export async function withStoredConfig(
  checks: Check[],
  registry: Registry,
  environment: Environment,
  env: Record<string, string | undefined>,
): Promise<Check[]> {
  const at = checks.findIndex(({ name, status }) => name === 'Transcrição' && status === 'erro');
  if (at < 0) return checks;
  const stored = await storedTranscription(registry, environment, env).catch(() => null); // said by the check of the database
  if (!stored?.usable) return checks;
  const detail = `nenhuma chave no ambiente; a configuração guardada (versão ${stored.version}) tem quem transcreva`;
  return checks.with(at, { name: 'Transcrição', status: 'ok', detail });
}

async function storedTranscription(
  registry: Registry,
  environment: Environment,
  env: Record<string, string | undefined>,
): Promise<StoredTranscription | null> {
  const { databaseUrl: url, dataDir, secretKey, previousSecretKeys } = environment;
  // The doctor makes nothing: where there is no data yet, nothing is stored.
  if (url === undefined && !existsSync(join(dataDir, 'postgres'))) return null;
  try {
    const snapshot = await readStoredConfig({ url, dataDir, secretKey, previousSecretKeys, log: silentLog });
    const ground = { registry, env, lists: listsOf(environment) };
    const configuration = new Configuration(ground, { snapshot: () => snapshot });
    return { version: snapshot.version, usable: configuration.somebodyHas('stt') };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'BALTO_STORE_LOCKED') throw error;
    return (await callServer(dataDir, 'config transcription', {})) as StoredTranscription;
  }
}
