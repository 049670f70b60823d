import { type Static, Type } from 'typebox';

export const SpectralGateSettings = Type.Object({
  /** Least gain of a band: 0.08 = −22 dB. Lower sounds cleaner and costs words. */
  floor: Type.Number({ minimum: 0.01, maximum: 1, default: 0.08, title: 'Ganho mínimo por banda' }),
});
export type SpectralGateSettings = Static<typeof SpectralGateSettings>;

export const DEFAULT_FLOOR = 0.08;
