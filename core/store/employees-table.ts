import type { Generated, GeneratedAlways, Selectable } from 'kysely';
import type { SealedColumn } from './key-rotation.ts';

export type VoiceState = 'sem_voz' | 'cadastrada' | 'recadastrar' | 'apagada';
export type ConsentState = 'ausente' | 'a_confirmar' | 'confirmado' | 'retirado';
type ConsentEvent = 'a_confirmar' | 'confirmado' | 'retirado' | 'voz_apagada';

/** `funcionarios`. */
export interface EmployeesTable {
  id: Generated<number>;
  cliente_id: string;
  user_id: GeneratedAlways<string>;
  nome: string;
  audio_file_name: string | null;
  embedding_modelo: string | null;
  criado_em: Generated<Date>;
  voz: string | null;
  voz_situacao: Generated<VoiceState>;
  voz_em: Date | null;
  voz_fala_ms: number | null;
  consentimento: Generated<ConsentState>;
  apagado_em: Date | null;
  revisao: Generated<number>;
}

/** `funcionario_turnos`. Times as `HH:MM:SS`, in the client's zone. */
export interface ShiftsTable {
  id: Generated<number>;
  cliente_id: string;
  funcionario_id: number;
  dia_semana: number;
  hora_inicio: string;
  hora_fim: string;
}

/** `consentimentos_voz`. */
export interface VoiceConsentsTable {
  id: Generated<number>;
  cliente_id: string;
  funcionario_id: number;
  evento: ConsentEvent;
  em: Date;
  autor: string;
  base: string | null;
  versao_texto: string | null;
}

/** Somebody who works at a client's counters. The voice itself is only in {@link EnrolledVoice}. */
export interface Employee {
  id: number;
  clientId: string;
  name: string;
  voice: {
    state: VoiceState;
    /** Provider and model that made it; voices of different ones are never compared. */
    model: string | null;
    enrolledAt: Date | null;
    /** Milliseconds of speech it was made from. */
    speechMs: number | null;
    fileName: string | null;
  };
  consent: ConsentState;
  createdAt: Date;
  /** Grows with every change: its ETag. */
  revision: number;
}

/** One entry of the record of consents. */
export interface VoiceConsent {
  event: ConsentEvent;
  at: Date;
  /** `admin:<id>`, `token:<id>`, `client:<id>` or `cli`. */
  author: string;
  basis: string | null;
  textVersion: string | null;
}

/** One shift. Both ends included, to the minute; an end before its start is on the next day. */
export interface Shift {
  /** 0 = Monday … 6 = Sunday. */
  weekday: number;
  /** Minutes since midnight, in the client's zone. */
  startMinute: number;
  endMinute: number;
}

/** A voice that may be compared. Biometric: it stays in memory, and in no log. */
export interface EnrolledVoice {
  id: number;
  name: string;
  model: string;
  vector: Float32Array;
  consent: ConsentState;
  /** Empty: always on shift. */
  shifts: Shift[];
}

export function toEmployee(row: Selectable<EmployeesTable>): Employee {
  return {
    id: row.id,
    clientId: row.cliente_id,
    name: row.nome,
    voice: {
      state: row.voz_situacao,
      model: row.embedding_modelo,
      enrolledAt: row.voz_em,
      speechMs: row.voz_fala_ms,
      fileName: row.audio_file_name,
    },
    consent: row.consentimento,
    createdAt: row.criado_em,
    revision: row.revisao,
  };
}

export function toConsent(row: Selectable<VoiceConsentsTable>): VoiceConsent {
  return { event: row.evento, at: row.em, author: row.autor, basis: row.base, textVersion: row.versao_texto };
}

export function toShift(row: Pick<Selectable<ShiftsTable>, 'dia_semana' | 'hora_inicio' | 'hora_fim'>): Shift {
  return { weekday: row.dia_semana, startMinute: minuteOf(row.hora_inicio), endMinute: minuteOf(row.hora_fim) };
}

/** `HH:MM`, as people write it, of minutes since midnight. */
export function clockTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** Minutes since midnight of `HH:MM` or `HH:MM:SS`. */
export function minuteOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** The row and the model that a sealed voice belongs to: moved elsewhere, it does not open. */
export function voiceIdentity(row: { id: unknown; cliente_id: unknown; embedding_modelo: unknown }): string {
  return `funcionarios:${row.id}:${row.cliente_id}:${row.embedding_modelo}`;
}

/** Where the voices stand, for a rotation of the keys. */
export const SEALED_VOICES: SealedColumn = {
  table: 'funcionarios',
  key: ['id'],
  column: 'voz',
  with: ['cliente_id', 'embedding_modelo'],
  identity: (row) => voiceIdentity(row as { id: unknown; cliente_id: unknown; embedding_modelo: unknown }),
};
