import { type Static, Type } from 'typebox';
import { VadSettings } from '../core/audio/settings.ts';
import { backupVariables } from './backup-variables.ts';
import { mockVariables, pharmacyVariables } from './pharmacy-variables.ts';
import providers from './providers.json' with { type: 'json' };
import {
  access,
  choice,
  flag,
  limits,
  list,
  listening,
  number,
  routing,
  server,
  storage,
  text,
  vad,
  whole,
} from './variable-kinds.ts';

/**
 * Every variable that Balto itself owns. Keys and models of vendors are declared by the plugins. A property's name is
 * the code's, its `env` the variable's.
 */
export const Variables = Type.Object({
  port: whole(server('PORT', 'Porta HTTP e WebSocket. Só a 8765, quando ocupada, passa para a 8766.'), 0, 65_535, 8765),
  host: Type.String({ ...server('HOST', 'Endereço em que o servidor escuta.'), default: '0.0.0.0', minLength: 1 }),
  trustProxy: list(
    server('TRUST_PROXY', 'Proxies cujo X-Forwarded-For vale: endereços, redes (172.28.0.0/24) ou loopback.'),
    ['loopback'],
  ),
  corsOrigins: list(
    server('CORS_ORIGINS', 'Origens aceitas em /cadastro/* por navegadores: * ou lista de https://….'),
    ['*'],
  ),
  processes: whole(server('WEB_CONCURRENCY', 'Processos do servidor nesta máquina.', { pending: true }), 1, 64, 1),
  logLevel: Type.Union(
    (['debug', 'info', 'warn', 'error', 'silent'] as const).map((level) => Type.Literal(level)),
    {
      ...server('BALTO_LOG_LEVEL', 'Menor nível gravado no log: debug, info, warn, error ou silent.'),
      default: 'info',
    },
  ),
  metricsToken: Type.Optional(
    Type.String({
      ...server('METRICS_TOKEN', 'Token de quem lê /metrics, 16 caracteres ou mais. Sem ele, ninguém lê.', {
        secret: true,
      }),
      minLength: 16,
      maxLength: 512,
      pattern: '^[!-~]+$',
    }),
  ),
  metricsLabels: Type.Array(Type.Union([Type.Literal('client'), Type.Literal('counter')]), {
    ...server('METRICS_LABELS', 'Rótulos a mais nas métricas: client, counter. Cada valor é uma série.'),
    default: [],
  }),
  ffmpegPath: text(
    server('FFMPEG_PATH', 'Programa ffmpeg, para MP4, MP3, FLAC e AAC. Vazio: o primeiro do PATH, se houver.'),
  ),
  plugins: list(server('BALTO_PLUGINS', 'Pacotes npm com mais plugins, separados por vírgula.'), []),

  databaseUrl: text(storage('DATABASE_URL', 'Conexão com o Postgres; vale mais que POSTGRES_*.', { secret: true })),
  postgresHost: text(
    storage('POSTGRES_HOST', 'Servidor Postgres. Sem ele e sem DATABASE_URL, o banco embutido é usado.'),
  ),
  postgresPort: whole(storage('POSTGRES_PORT', 'Porta do Postgres.'), 1, 65_535, 5432),
  postgresDb: Type.String({ ...storage('POSTGRES_DB', 'Nome do banco.'), default: 'balto_db', minLength: 1 }),
  postgresUser: Type.String({ ...storage('POSTGRES_USER', 'Usuário do banco.'), default: 'balto_user', minLength: 1 }),
  postgresPassword: text(storage('POSTGRES_PASSWORD', 'Senha do banco.', { secret: true })),
  dataDir: Type.String({
    ...storage('BALTO_DATA_DIR', 'Pasta do banco embutido, do diário de interações e das chaves.'),
    default: './data',
    minLength: 1,
  }),
  ...backupVariables,
  modelsDir: text(
    storage('BALTO_MODELS_DIR', 'Pasta dos modelos locais (balto models). Vazio: models dentro de BALTO_DATA_DIR.'),
  ),
  redisUrl: text(
    storage('REDIS_URL', 'Redis para limites compartilhados entre processos; sem ele, o Postgres.', { secret: true }),
  ),

  adminSecret: text(
    access(
      'ADMIN_SECRET',
      'Senha do primeiro dono, 16 caracteres ou mais. Sem ela, uma é sorteada e mostrada uma vez.',
      {
        secret: true,
      },
    ),
  ),
  secretKey: text(
    access('BALTO_SECRET_KEY', 'Chave que cifra segredos (openssl rand -hex 32). Exigida com banco externo.', {
      secret: true,
    }),
  ),
  egressAllow: list(
    access(
      'BALTO_EGRESS_ALLOW',
      'Redes não públicas a que o endereço de um provedor, escrito por um administrador, pode levar (192.168.0.10, 10.1.0.0/16); só nelas vale http sem TLS.',
    ),
    [],
  ),
  previousSecretKeys: list(
    access(
      'BALTO_SECRET_KEY_PREVIOUS',
      'Chaves que BALTO_SECRET_KEY já teve, separadas por vírgula: abrem o que cifraram até balto keys rotate.',
      { secret: true },
    ),
    [],
  ),
  openRegistration: flag(
    access('CADASTRO_ABERTO', 'Cadastro de clientes sem login; 0 exige sessão de administração.'),
    true,
  ),
  codeTtlHours: number(access('CODIGO_TTL_HORAS', 'Validade do código de 6 dígitos, em horas.'), 0.01, 720, 24),
  registrationsPerMinute: whole(
    access('CADASTRO_POR_MINUTO', 'Pedidos de cadastro aceitos por minuto de cada endereço.'),
    1,
    10_000,
    20,
  ),

  maxFrameBytes: whole(
    limits('WS_MAX_FRAME_BYTES', 'Maior quadro aceito de um balcão, em bytes (até 4 MiB).'),
    16_384,
    4_194_304,
    1_048_576,
  ),
  resumeWindowS: number(
    limits('BALTO_RESUME_WINDOW_S', 'Segundos que uma sessão do protocolo 2 espera pela volta do aparelho.'),
    1,
    600,
    60,
  ),
  maxCounters: Type.Optional(
    Type.Integer({
      ...limits('MAX_COUNTERS', 'Balcões ao mesmo tempo neste processo; além disso, 4002. Vazio: sem limite.'),
      minimum: 1,
      maximum: 100_000,
    }),
  ),
  clientMaxCounters: Type.Optional(
    Type.Integer({
      ...limits(
        'CLIENT_MAX_COUNTERS',
        'Balcões de um cliente ao mesmo tempo, em todos os processos. Vazio: sem limite.',
      ),
      minimum: 1,
      maximum: 100_000,
    }),
  ),
  clientMaxUtterances: Type.Optional(
    Type.Integer({
      ...limits(
        'CLIENT_MAX_UTTERANCES',
        'Falas de um cliente em transcrição ao mesmo tempo; as outras esperam. Vazio: sem limite.',
      ),
      minimum: 1,
      maximum: 100_000,
    }),
  ),
  clientRequestsPerMinute: whole(
    limits('CLIENT_REQUESTS_PER_MINUTE', 'Pedidos de um cliente por minuto em cada grupo de rotas; além disso, 429.'),
    1,
    10_000_000,
    1200,
  ),
  catalogueImportMb: whole(
    limits('CATALOGO_IMPORT_MAX_MB', 'Maior arquivo aceito para importar um catálogo, em MB.'),
    1,
    1024,
    50,
  ),
  capacityMaxCpuPercent: number(
    limits(
      'CAPACITY_MAX_CPU_PERCENT',
      'Ocupação deste processo (15 s) acima da qual novos balcões são recusados, com 4002.',
    ),
    1,
    100,
    90,
  ),
  capacityMaxRamPercent: number(
    limits(
      'CAPACITY_MAX_RAM_PERCENT',
      'Uso de memória, do contêiner ou da máquina, acima do qual novos balcões são recusados.',
    ),
    1,
    100,
    90,
  ),
  capacityMaxLatencyRatio: number(
    limits(
      'CAPACITY_MAX_LATENCY_RATIO',
      'Tempo de transcrição ÷ duração do áudio (mediana de 20) acima do qual se recusa.',
    ),
    0.1,
    100,
    3,
  ),

  vadThresholdMultiplier: vad(
    listening('VAD_THRESHOLD_MULTIPLIER', 'Quantas vezes o ruído de fundo um quadro precisa ter (1,5).'),
    VadSettings.properties.thresholdMultiplier,
  ),
  vadMinEnergy: vad(
    listening('VAD_MIN_ENERGY_THRESHOLD', 'Energia mínima de um quadro de 30 ms, RMS em int16 (50).'),
    VadSettings.properties.minEnergy,
  ),
  vadFirstGenerationEnergy: vad(
    listening('VAD_ENERGY_THRESHOLD', 'Nome antigo: vale quando VAD_MIN_ENERGY_THRESHOLD não está definida.'),
    VadSettings.properties.minEnergy,
  ),
  vadSegmentLimitFrames: vad(
    listening('VAD_SEGMENT_LIMIT_FRAMES', 'Maior fala antes de um corte forçado, em quadros de 30 ms (266).'),
    VadSettings.properties.segmentLimitFrames,
  ),
  vadOverlapFrames: vad(
    listening('VAD_OVERLAP_FRAMES', 'Repetição depois de um corte forçado, em quadros de 30 ms (27).'),
    VadSettings.properties.overlapFrames,
  ),
  cleanerForStt: flag(
    listening('CLEANER_FOR_STT', 'Transcrever o áudio com redução de ruído em vez do original.'),
    false,
  ),
  cleanerForVad: Type.Union([Type.Literal('auto'), Type.Literal(true), Type.Literal(false)], {
    ...listening('CLEANER_FOR_VAD', 'Redução de ruído antes do detector de fala: auto (só onde ele precisa), 1 ou 0.'),
    default: 'auto',
  }),

  sttProviders: list(choice('BALTO_STT', 'Transcrição.'), providers.stt),
  llmProviders: list(choice('BALTO_LLM', 'Modelo de linguagem.'), providers.llm),
  vadProviders: list(choice('BALTO_VAD', 'Detector de fala.'), providers.vad),
  cleanerProviders: list(choice('BALTO_CLEANER', 'Redução de ruído.'), providers.cleaner),
  speakerProviders: list(
    choice('BALTO_SPEAKER', 'Reconhecimento de vozes de funcionários (só compara quem tem voz cadastrada).'),
    providers.speaker,
  ),
  keyterms: whole(
    choice(
      'BALTO_KEYTERMS',
      'Nomes do catálogo do cliente que a transcrição deve esperar, no máximo; 0 desliga (alguns fornecedores cobram por eles).',
    ),
    0,
    1000,
    100,
  ),
  usdBrl: Type.Optional(
    Type.Number({
      ...choice('USD_BRL', 'Reais por dólar nos custos mostrados; sem ela, a taxa datada de config/prices.json.'),
      minimum: 0.01,
      maximum: 1000,
      examples: [5.36],
    }),
  ),

  smartRouting: flag(
    routing(
      'SMART_ROUTING_ENABLE',
      'Escolher a transcrição pela duração e pelo ruído; 0: sempre o primeiro fornecedor.',
    ),
    true,
  ),
  smartRoutingMinDuration: number(
    routing('SMART_ROUTING_MIN_DURATION', 'Duração a partir da qual o fornecedor econômico serve, em segundos.'),
    0,
    600,
    5,
  ),
  smartRoutingSnrThreshold: number(
    routing('SMART_ROUTING_SNR_THRESHOLD', 'Relação sinal-ruído a partir da qual ele serve, em dB.'),
    -10,
    60,
    15,
  ),

  ...mockVariables,
  ...pharmacyVariables,
});

/** The variables as validated values, before anything is derived from them. */
export type VariableValues = Static<typeof Variables>;
