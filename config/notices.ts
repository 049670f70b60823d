import type { VariableNotes } from './variable-kinds.ts';

/** Something the start says about one variable, in pt-BR. */
export interface Notice {
  variable: string;
  message: string;
}

/** Names known from earlier generations, or from vendors that have no plugin yet. A final `*` stands for any ending. */
const WITHOUT_EFFECT: readonly [pattern: string, message: string][] = [
  ['DRIVE_SYNC_*', 'não foi trazido para este Balto: nenhum áudio é enviado a serviços de arquivos'],
  [
    'DB_FILE',
    'não é aberto: é o SQLite da primeira geração; para trazer os dados, use balto import-legacy --from sqlite:CAMINHO',
  ],
];

/** What to say about the variables that are set. Values are never quoted. */
export function noticesFor(env: Record<string, string | undefined>, variables: readonly VariableNotes[]): Notice[] {
  const isSet = (name: string) => Boolean(env[name]?.trim());
  const notices: Notice[] = [];
  for (const { env: variable, pending } of variables) {
    if (pending && isSet(variable))
      notices.push({ variable, message: 'é conhecida, mas ainda não faz nada nesta versão' });
  }
  for (const [pattern, message] of WITHOUT_EFFECT) {
    for (const variable of Object.keys(env).filter((name) => matches(name, pattern) && isSet(name))) {
      notices.push({ variable, message });
    }
  }
  if (/^(?:1|true|yes|on)$/i.test(env['SAVE_AUDIO_DUMPS']?.trim() ?? '')) {
    notices.push({
      variable: 'SAVE_AUDIO_DUMPS',
      message:
        'sozinha não guarda áudio: cada cliente o decide, com motivo, base e data final (PUT /api/v1/clients/{id}/data-protection/audio)',
    });
  }
  if (!isSet('POSTGRES_HOST') && !isSet('DATABASE_URL')) {
    for (const variable of ['POSTGRES_PORT', 'POSTGRES_DB', 'POSTGRES_USER', 'POSTGRES_PASSWORD'].filter(isSet)) {
      notices.push({ variable, message: 'sem POSTGRES_HOST não tem efeito: o banco embutido está em uso' });
    }
  }
  if (isSet('VAD_ENERGY_THRESHOLD') && isSet('VAD_MIN_ENERGY_THRESHOLD')) {
    notices.push({ variable: 'VAD_ENERGY_THRESHOLD', message: 'sem efeito: VAD_MIN_ENERGY_THRESHOLD está definida' });
  }
  return notices;
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Switches that keep a vendor from being called: who left one on by mistake is to see it. MOCK_MODE is said apart. */
export function switchNotices(on: { mockMode: boolean; mockVoice: boolean; mockRecommendation: boolean }): Notice[] {
  if (on.mockMode) return [];
  const voice = {
    variable: 'MOCK_VOICE',
    message: 'está ligada: a transcrição é simulada, nenhum fornecedor de voz é chamado',
  };
  const listenOnly = {
    variable: 'MOCK_RECOMMENDATION',
    message: 'está ligada: escuta e transcreve, mas não sugere nada',
  };
  return [...(on.mockVoice ? [voice] : []), ...(on.mockRecommendation ? [listenOnly] : [])];
}
