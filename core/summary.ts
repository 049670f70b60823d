import type { Notice } from '../config/notices.ts';
import type { VadSettings } from './audio/settings.ts';
import type { Kind } from './contracts/index.ts';
import type { ConfiguredProvider } from './registry/configured.ts';

/** What the start says and `/health/ready` repeats: what Balto would use, and what is missing. */
export interface Summary {
  database: { kind: string; place: string; state: string };
  candidates: Record<'stt' | 'llm', { address: string; model: string | null; missing: string | null }[]>;
  vad: string;
  cleaner: string | null;
  thresholds: VadSettings;
  mode: 'real' | 'simulado';
  notices: Notice[];
  /** pt-BR, each with its remedy. */
  missing: string[];
}

/** A kind's candidates as the summary shows them. */
export function candidatesOf(configured: readonly ConfiguredProvider[]): Summary['candidates']['stt'] {
  return configured.map(({ address, settings, missing }) => ({
    address,
    model: typeof settings['model'] === 'string' ? settings['model'] : null,
    missing,
  }));
}

/** What no candidate of a needed kind leaves to say. STT is needed; without an LLM the catalogue's own ranking answers. */
export function missingOf(kind: Kind, configured: readonly ConfiguredProvider[]): string | null {
  if (configured.some(({ missing }) => missing === null)) return null;
  const remedies = configured.map(({ address, missing }) => `${address}: ${missing}`);
  const what = kind === 'stt' ? 'nenhuma transcrição configurada' : `nenhum provedor "${kind}" configurado`;
  return `${what} (${remedies.join('; ') || `defina BALTO_${kind.toUpperCase()}`})`;
}

/** The summary as lines for a terminal. */
export function summaryLines(summary: Summary, url: string): string[] {
  const { thresholds } = summary;
  return [
    `Balto escuta em ${url}   balcões: ${url.replace(/^http/, 'ws')}/ws   documentação: ${url}/docs`,
    `  banco         ${summary.database.kind} (${summary.database.place}), ${summary.database.state}`,
    `  transcrição   ${listOf(summary.candidates.stt) || 'nenhuma'}`,
    `  modelo        ${listOf(summary.candidates.llm) || 'nenhum'}, e por último o catálogo (ordem própria)`,
    `  VAD           ${summary.vad === 'vad/nenhum' ? 'nenhum carregou: cortes fixos de 5 s' : summary.vad}   limpeza ${summary.cleaner ?? 'nenhuma'}`,
    `  limiares      ruído × ${thresholds.thresholdMultiplier}, mínimo ${thresholds.minEnergy}; fim de fala em ${thresholds.silenceFramesNeeded * 30} ms`,
    ...(summary.mode === 'simulado'
      ? ['  MODO          simulado: nenhum fornecedor é chamado, os cartões dizem [SIMULADO]']
      : []),
    ...summary.notices.map(({ variable, message }) => `  aviso         ${variable} ${message}`),
    ...(summary.missing.length === 0
      ? ['  falta         nada']
      : summary.missing.map((line) => `  FALTA         ${line}`)),
  ];
}

function listOf(candidates: Summary['candidates']['stt']): string {
  const usable = candidates.filter(({ missing }) => missing === null);
  const names = usable.map(({ address, model }) =>
    model === null || address.includes(':') ? address : `${address} (${model})`,
  );
  return names.join(' → ');
}
