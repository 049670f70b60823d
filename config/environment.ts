import { isIP } from 'node:net';
import Value from 'typebox/value';
import type { VadSettings } from '../core/audio/settings.ts';
import { BaltoError, type Log } from '../core/contracts/index.ts';
import { checkAdminSecret } from './admin-secret.ts';
import { Variables, type VariableValues } from './environment-schema.ts';
import { type Notice, noticesFor, switchNotices } from './notices.ts';
import type { VariableNotes } from './variable-kinds.ts';

type Env = Record<string, string | undefined>;

/** The configuration a process starts with. */
export interface Environment extends VariableValues {
  /** Connection string of a real Postgres, from DATABASE_URL or POSTGRES_*; undefined: the embedded one. */
  databaseUrl?: string;
  /** Environment layer of the listening settings: only what was set. */
  vad: Partial<VadSettings>;
  /** What the start must say: names without effect, or that mean something else than expected. pt-BR. */
  notices: Notice[];
}

interface Variable extends VariableNotes {
  name: string;
  type: string | undefined;
  schema: Record<string, unknown>;
}

const TRUE = new Set(['1', 'true', 'yes', 'on']);
const FALSE = new Set(['0', 'false', 'no', 'off']);

/** Every variable with its notes, in the order of the schema: for documentation and for reading. */
export const VARIABLES: readonly Variable[] = Object.entries(Variables.properties).map(([name, property]) => {
  const schema = property as unknown as Record<string, unknown> & VariableNotes;
  return { ...schema, name, type: schema['type'] as string | undefined, schema };
});

/**
 * Reads and validates the environment. An empty value is an absent one.
 * @throws BaltoError BALTO_CONFIG_ENVIRONMENT (or BALTO_CONFIG_ADMIN_SECRET), `field` = the variable; never its value.
 */
export function readEnvironment(env: Env, log: Log): Environment {
  const values = readVariables(env);
  if (values.adminSecret !== undefined) checkAdminSecret(values.adminSecret);
  values.trustProxy.forEach(checkProxy);
  values.egressAllow.forEach(checkNetwork);
  values.corsOrigins.forEach(checkOrigin);
  if (values.redisUrl !== undefined) checkRedis(values.redisUrl);
  if (values.mockLatencyMaxS < values.mockLatencyMinS) throw wrong('MOCK_LATENCY_MAX', 'menor que MOCK_LATENCY_MIN');
  const { databaseUrl: _given, ...rest } = values;
  const databaseUrl = databaseUrlOf(values);
  if (databaseUrl !== undefined && values.secretKey === undefined) {
    throw wrong('BALTO_SECRET_KEY', 'exigida com banco externo; faça uma com: openssl rand -hex 32');
  }
  if (databaseUrl === undefined && values.processes > 1) {
    throw wrong('WEB_CONCURRENCY', 'o banco embutido aceita um só processo; use Postgres (POSTGRES_HOST)');
  }
  const notices = [...noticesFor(env, VARIABLES), ...switchNotices(values)];
  for (const { variable, message } of notices) log.warn({ variable, notice: message }, 'environment notice');
  return { ...rest, ...(databaseUrl === undefined ? {} : { databaseUrl }), vad: vadOf(values), notices };
}

function readVariables(env: Env): VariableValues {
  const raw: Record<string, unknown> = {};
  for (const variable of VARIABLES) {
    const text = env[variable.env]?.trim();
    if (text) raw[variable.name] = parse(variable, text);
  }
  const filled = Value.Default(Variables, raw);
  if (Value.Check(Variables, filled)) return filled;
  const [first] = Value.Errors(Variables, filled);
  const name = first?.instancePath.split('/')[1];
  const variable = VARIABLES.find((each) => each.name === name);
  throw wrong(variable?.env ?? String(name), variable ? expected(variable) : 'valor inválido');
}

function parse(variable: Variable, text: string): unknown {
  if (variable.type === 'string') return text;
  if (variable.type === 'array') return text.split(',').flatMap((item) => item.trim() || []);
  if (variable.type === 'integer' || variable.type === 'number')
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  const word = text.toLowerCase();
  const options = (variable.schema['anyOf'] as { const: unknown }[] | undefined)?.map((option) => option.const);
  if (options && !options.includes(true)) return text;
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : text;
}

function expected({ type, schema }: Variable): string {
  const { minimum, maximum } = schema as { minimum?: number; maximum?: number };
  if (type === 'boolean') return 'valores aceitos: 1, true, yes, on ou 0, false, no, off';
  if (type === 'integer') return `esperado um número inteiro de ${minimum} a ${maximum}`;
  if (type === 'number') return `esperado um número de ${minimum} a ${maximum} (ponto decimal)`;
  const options = (schema['anyOf'] as { const: unknown }[] | undefined)?.map((option) => readable(option.const));
  return options ? `valores aceitos: ${options.join(', ')}` : 'valor inválido';
}

function readable(value: unknown): string {
  return typeof value === 'boolean' ? String(Number(value)) : String(value);
}

function databaseUrlOf(values: VariableValues): string | undefined {
  if (values.databaseUrl !== undefined) {
    if (URL.canParse(values.databaseUrl) && /^postgres(ql)?:/.test(values.databaseUrl)) return values.databaseUrl;
    throw wrong('DATABASE_URL', 'esperado postgres://usuario:senha@servidor:5432/banco');
  }
  if (values.postgresHost === undefined) return undefined;
  const password = values.postgresPassword === undefined ? '' : `:${encodeURIComponent(values.postgresPassword)}`;
  const host = isIP(values.postgresHost) === 6 ? `[${values.postgresHost}]` : values.postgresHost;
  const url = `postgres://${encodeURIComponent(values.postgresUser)}${password}@${host}:${values.postgresPort}/${encodeURIComponent(values.postgresDb)}`;
  if (!URL.canParse(url)) throw wrong('POSTGRES_HOST', 'não é um nome de servidor');
  return url;
}

/** VAD_ENERGY_THRESHOLD, of the first generation, stands in where the newer name is absent. */
function vadOf(values: VariableValues): Partial<VadSettings> {
  const minEnergy = values.vadMinEnergy ?? values.vadFirstGenerationEnergy;
  return {
    ...(values.vadThresholdMultiplier === undefined ? {} : { thresholdMultiplier: values.vadThresholdMultiplier }),
    ...(minEnergy === undefined ? {} : { minEnergy }),
    ...(values.vadSegmentLimitFrames === undefined ? {} : { segmentLimitFrames: values.vadSegmentLimitFrames }),
    ...(values.vadOverlapFrames === undefined ? {} : { overlapFrames: values.vadOverlapFrames }),
  };
}

function checkProxy(entry: string): void {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(entry) || isNetwork(entry)) return;
  throw wrong('TRUST_PROXY', 'esperados endereços, redes (172.28.0.0/24) ou loopback');
}

function checkNetwork(entry: string): void {
  if (!isNetwork(entry)) throw wrong('BALTO_EGRESS_ALLOW', 'esperados endereços ou redes (192.168.0.10, 10.1.0.0/16)');
}

function isNetwork(entry: string): boolean {
  const [address = '', prefix] = entry.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    bits > 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= bits))
  );
}

function checkRedis(url: string): void {
  if (URL.canParse(url) && /^rediss?:/.test(url)) return;
  throw wrong('REDIS_URL', 'esperado redis://usuario:senha@servidor:6379/0');
}

function checkOrigin(entry: string): void {
  if (entry === '*' || (URL.canParse(entry) && new URL(entry).origin === entry)) return;
  throw wrong('CORS_ORIGINS', 'esperado * ou origens como https://balcao.exemplo.com.br, sem barra no fim');
}

function wrong(variable: string, why: string): BaltoError {
  return new BaltoError({ code: 'BALTO_CONFIG_ENVIRONMENT', message: `${variable}: ${why}`, field: variable });
}
