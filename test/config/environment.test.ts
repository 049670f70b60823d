import t from 'tap';
import { readEnvironment } from '../../config/environment.ts';
import type { BaltoError, Log } from '../../core/contracts/index.ts';

interface Logged {
  data: Record<string, unknown>;
  message: string;
}

function read(env: Record<string, string>) {
  const logged: Logged[] = [];
  const keep = (data: Record<string, unknown>, message: string) => void logged.push({ data, message });
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
  return { environment: readEnvironment(env, log), logged };
}

function refusal(env: Record<string, string>): BaltoError {
  try {
    read(env);
  } catch (error) {
    return error as BaltoError;
  }
  throw new Error('nothing was refused');
}

t.test('an empty environment is a working one', async (t) => {
  const { environment } = read({});
  t.equal(environment.port, 8765);
  t.equal(environment.host, '0.0.0.0');
  t.equal(environment.dataDir, './data');
  t.equal(environment.maxFrameBytes, 1_048_576);
  t.equal(environment.maxCounters, undefined);
  t.equal(environment.codeTtlHours, 24);
  t.equal(environment.openRegistration, true);
  t.equal(environment.cleanerForVad, 'auto');
  t.equal(environment.databaseUrl, undefined);
  t.same(environment.vad, {});
  t.same(environment.sttProviders, ['stt/elevenlabs', 'stt/deepgram']);
  t.same(environment.trustProxy, ['loopback']);
  t.same(environment.notices, []);
});

t.test('an empty value is an absent one', async (t) => {
  const { environment } = read({ PORT: ' ', ADMIN_SECRET: '', POSTGRES_HOST: '' });
  t.equal(environment.port, 8765);
  t.equal(environment.adminSecret, undefined);
  t.equal(environment.databaseUrl, undefined);
});

t.test('booleans take the words people use', async (t) => {
  for (const word of ['1', 'true', 'YES', 'on']) t.equal(read({ MOCK_MODE: word }).environment.mockMode, true, word);
  for (const word of ['0', 'False', 'no', 'OFF']) {
    t.equal(read({ CADASTRO_ABERTO: word }).environment.openRegistration, false, word);
  }
  t.equal(read({ CLEANER_FOR_VAD: '1' }).environment.cleanerForVad, true);
  t.equal(read({ CLEANER_FOR_VAD: 'auto' }).environment.cleanerForVad, 'auto');
});

t.test('lists are split at commas', async (t) => {
  const { environment } = read({ BALTO_STT: 'stt/a, stt/b:model ,', TRUST_PROXY: '172.28.0.0/24,::1' });
  t.same(environment.sttProviders, ['stt/a', 'stt/b:model']);
  t.same(environment.trustProxy, ['172.28.0.0/24', '::1']);
});

t.test('a wrong value names its variable and never quotes it', async (t) => {
  const cases: Record<string, string> = {
    PORT: '80000',
    MOCK_MODE: 'talvez',
    CODIGO_TTL_HORAS: 'um dia',
    MAX_COUNTERS: '-7',
    WS_MAX_FRAME_BYTES: '99999999',
    CLEANER_FOR_VAD: 'sempre',
    BALTO_LOG_LEVEL: 'loud',
    VAD_THRESHOLD_MULTIPLIER: '0.5',
    TRUST_PROXY: '10.0.0.0/99',
    BALTO_EGRESS_ALLOW: 'minha-rede',
    REDIS_URL: 'http://redis:6379',
    CORS_ORIGINS: 'sem-esquema.com',
    DATABASE_URL: 'mysql://root@db/x',
    MOCK_LATENCY_MAX: '0.1',
  };
  for (const [variable, value] of Object.entries(cases)) {
    const error = refusal({ [variable]: value });
    t.equal(error.field, variable);
    t.match(error.code, /^BALTO_CONFIG_/);
    t.notOk(error.message.includes(value), `${variable} is not quoted`);
  }
});

t.test('ADMIN_SECRET', async (t) => {
  t.match(refusal({ ADMIN_SECRET: 'quinze-letras-x' }).message, /16 caracteres/);
  t.match(refusal({ ADMIN_SECRET: 'admin123' }).message, /documentos públicos/, 'known by its SHA-256');
  t.equal(read({ ADMIN_SECRET: 'dezesseis-letras' }).environment.adminSecret, 'dezesseis-letras');
});

t.test('POSTGRES_* make a connection string, escaped', async (t) => {
  const secretKey = { BALTO_SECRET_KEY: 'a'.repeat(64) };
  const { environment } = read({
    ...secretKey,
    POSTGRES_HOST: 'db',
    POSTGRES_PASSWORD: 'p@ss/:word',
    POSTGRES_DB: 'x',
  });
  t.equal(environment.databaseUrl, 'postgres://balto_user:p%40ss%2F%3Aword@db:5432/x');
  t.equal(
    read({ ...secretKey, POSTGRES_HOST: 'db', DATABASE_URL: 'postgresql://a@b/c' }).environment.databaseUrl,
    'postgresql://a@b/c',
  );
  t.equal(refusal({ POSTGRES_HOST: 'db' }).field, 'BALTO_SECRET_KEY', 'its key is required with an external database');
});

t.test('the embedded database takes one process', async (t) => {
  t.equal(refusal({ WEB_CONCURRENCY: '2' }).field, 'WEB_CONCURRENCY');
});

t.test('the name of the first generation stands in', async (t) => {
  t.same(read({ VAD_ENERGY_THRESHOLD: '70' }).environment.vad, { minEnergy: 70 });
  const both = read({ VAD_ENERGY_THRESHOLD: '70', VAD_MIN_ENERGY_THRESHOLD: '80' }).environment;
  t.same(both.vad, { minEnergy: 80 });
  t.same(
    both.notices.map(({ variable }) => variable),
    ['VAD_ENERGY_THRESHOLD'],
  );
});

t.test('names without effect are said at start, without their values', async (t) => {
  const env = {
    DB_FILE: '/srv/antigo.db',
    DRIVE_SYNC_REMOTE: 'gdrive:x',
    WEB_CONCURRENCY: '1',
  };
  const { environment, logged } = read({ ...env, POSTGRES_PASSWORD: 'senha-do-banco' });
  t.same(environment.notices.map(({ variable }) => variable).sort(), [
    'DB_FILE',
    'DRIVE_SYNC_REMOTE',
    'POSTGRES_PASSWORD',
    'WEB_CONCURRENCY',
  ]);
  for (const { message } of environment.notices) t.match(message, /^(não|ainda|sem|é) /u, 'goes on after the name');
  t.match(JSON.stringify(logged), 'DRIVE_SYNC_REMOTE');
  for (const value of [env.DB_FILE, env.DRIVE_SYNC_REMOTE, 'senha-do-banco'])
    t.notOk(JSON.stringify(logged).includes(value));
});

t.test('a switch that keeps a vendor from being called is said', async (t) => {
  const said = (env: Record<string, string>) => read(env).environment.notices.map(({ variable }) => variable);
  t.same(said({ MOCK_VOICE: '1', MOCK_RECOMMENDATION: '1' }), ['MOCK_VOICE', 'MOCK_RECOMMENDATION']);
  t.same(said({ MOCK_VOICE: '0', MOCK_RECOMMENDATION: '0' }), []);
  t.same(said({ MOCK_VOICE: '1', MOCK_MODE: '1' }), [], 'MOCK_MODE says it for all');
});
