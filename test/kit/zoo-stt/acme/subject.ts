import type { SttSubject } from '../../../../core/kit/index.ts';
import { vendor } from './config.ts';
import { startAcme } from './emulator.ts';
import { acmeStt } from './stt.ts';

/** The reference plugin and its emulator, as a vendor's test names them. */
export const acme: SttSubject = {
  vendor,
  provider: acmeStt,
  start: startAcme,
  retired: { model: 'acme-0', current: 'acme-1' },
  closes: [{ code: 4002, reason: 'no credit', means: 'quota' }],
};
