/** As the routes of data protection answer. */
export interface Protection {
  retention: { transcriptDays: number; metricsMonths: number; audioDays: number };
  auditYears: number;
  audio: { reason: string; basis: string; since: string; until: string; by: string } | null;
}

export interface LegalBasis {
  id: number;
  purpose: string;
  basis: string;
  description: string;
  at: string;
  by: string;
  validUntil: string | null;
  endedAt: string | null;
}

export interface Receipt {
  id: string;
  action: string;
  scope: Record<string, unknown>;
  counts: Record<string, number>;
  unreached: string[];
  hash: string;
  at: string;
  by: string;
}

export interface Employee {
  id: number;
  name: string;
  voice: { state: string; enrolledAt: string | null };
  consent: string;
}

export interface DataMap {
  kept: { what: string; where: string; howLong: string }[];
  recipients: {
    vendor: string;
    title: string;
    provider: string;
    receives: string;
    region: string;
    hosts: string[];
    keeps: string;
  }[];
  missing: string[];
}

export const BASES = [
  'consentimento',
  'obrigacao_legal',
  'exercicio_de_direitos',
  'protecao_da_vida',
  'tutela_da_saude',
  'prevencao_a_fraude',
] as const;
export type Basis = (typeof BASES)[number];

export const PURPOSES = ['atendimento', 'reconhecimento_de_voz', 'guarda_de_audio'] as const;
export type Purpose = (typeof PURPOSES)[number];
