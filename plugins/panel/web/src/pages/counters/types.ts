import type { Tone } from '../../ui/feedback.tsx';
import type { VadPreset } from './presets.ts';

export type CounterStatus = 'active' | 'pending' | 'suspended' | 'revoked';

/** `GET /api/v1/counters`. */
export interface Counter {
  id: string;
  clientId: string;
  name: string;
  status: CounterStatus;
  kind: 'real' | 'virtual';
  tags: string[];
  vad: VadPreset;
  keyPrefix: string;
  seenAt: string | null;
  revision: number;
}

export const STATUS_TONES: Readonly<Record<CounterStatus, Tone>> = {
  active: 'good',
  pending: 'warn',
  suspended: 'warn',
  revoked: 'bad',
};

/** What an update is based on. */
export function etagOf({ revision }: Pick<Counter, 'revision'>): string {
  return `"${revision}"`;
}
