import type { Environment } from '../../config/environment.ts';
import { isProviderError, type ProviderError } from '../contracts/index.ts';
import { type ConfiguredProvider, configuredProviders } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import { allowedOrigins, createProviderContext } from '../runtime/provider-context.ts';
import type { Check } from './doctor-checks.ts';
import { silentLog } from './silent-log.ts';

const PROBE_MS = 10_000;

/** Every configured provider: keys by `probe()`, local ones by loading them. All at once. */
export async function checkProviders(
  registry: Registry,
  environment: Environment,
  env: Record<string, string | undefined>,
): Promise<Check[]> {
  const lists = [
    ['stt', environment.sttProviders],
    ['llm', environment.llmProviders],
    ['vad', environment.vadProviders],
    ['cleaner', environment.cleanerProviders],
    ['speaker', environment.speakerProviders],
  ] as const;
  const configured = lists.flatMap(([kind, addresses]) => configuredProviders(registry, kind, addresses, env));
  const checks = await Promise.all(configured.flatMap((provider) => checksOf(provider)));
  const usesNoVendor = environment.mockMode || environment.mockVoice;
  if (usesNoVendor || configured.some(({ kind, missing }) => kind === 'stt' && missing === null)) return checks;
  const keys = configured.filter(({ kind }) => kind === 'stt').flatMap(({ vendor }) => vendor.env?.[0] ?? []);
  const remedy = `defina ${keys.join(' ou ')} no .env, ou MOCK_MODE=1 para só integrar um aparelho`;
  return [...checks, { name: 'Transcrição', status: 'erro', detail: 'nenhum provedor com chave', remedy }];
}

function checksOf(configured: ConfiguredProvider): Promise<Check>[] {
  const { address: name, missing, credentials } = configured;
  if (missing !== null) return [Promise.resolve({ name, status: 'aviso', detail: 'sem chave', remedy: missing })];
  return credentials.map((credential, index) =>
    checkOne(configured, credential, credentials.length > 1 ? `${name} (chave ${index + 1})` : name),
  );
}

async function checkOne(
  { provider, vendor, settings }: ConfiguredProvider,
  credential: Record<string, unknown>,
  name: string,
): Promise<Check> {
  const signal = AbortSignal.timeout(PROBE_MS);
  const context = createProviderContext({ log: silentLog, origins: allowedOrigins(vendor, settings), signal });
  const startedAt = performance.now();
  try {
    if (provider.probe) await provider.probe(credential, settings, context);
    else {
      const instance = await provider.create(credential, settings, context);
      await instance.close?.();
      if (vendor.credential)
        return {
          name,
          status: 'aviso',
          detail: 'carrega, mas não tem como testar a chave',
          remedy: 'faça uma chamada de teste com balto simulate',
        };
    }
    return { name, status: 'ok', detail: `${provider.title}: ${Math.round(performance.now() - startedAt)} ms` };
  } catch (error) {
    return failed(name, error, vendor.env?.[0]);
  }
}

/** A key that is refused is an error; a vendor that is not reached now may be reached tomorrow. */
function failed(name: string, error: unknown, variable: string | undefined): Check {
  if (!isProviderError(error)) {
    const code = String((error as { code?: unknown }).code ?? (error as Error).name);
    return {
      name,
      status: 'erro',
      detail: `não carrega (${code})`,
      remedy: 'rode npm ci de novo; o próximo da lista será usado',
    };
  }
  const { code, message } = error;
  const status = code === 'auth' || code === 'quota' || error.blame === 'config' ? 'erro' : 'aviso';
  return { name, status, detail: `${message} (${code})`, remedy: remedyOf(error, variable) };
}

function remedyOf({ code }: ProviderError, variable = 'a chave'): string {
  if (code === 'auth') return `confira ${variable}: o fornecedor a recusou`;
  if (code === 'quota') return 'ponha crédito na conta do fornecedor';
  if (code === 'rate_limited') return 'o limite de pedidos foi atingido: tente de novo em instantes';
  if (code === 'unsupported' || code === 'invalid_request') return 'confira o modelo e o endereço configurados';
  return 'confira a rede, o firewall e o proxy; os outros candidatos serão usados';
}
