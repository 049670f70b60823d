import { type Static, Type } from 'typebox';

/** How frames of different counters are gathered into one run of the model. */
export const SileroSettings = Type.Object({
  /** Longest wait for other counters' frames before a run, in ms, from {@link FEW_STREAMS} streams on. */
  tickMs: Type.Integer({ minimum: 1, maximum: 200, default: 32, title: 'Espera para agrupar balcões (ms)' }),
  /** The same with fewer streams: batching saves little there, so answer sooner. */
  tickFewMs: Type.Integer({ minimum: 1, maximum: 200, default: 16, title: 'Espera com poucos balcões (ms)' }),
  /** Streams per run of the model: from 12 on, more save nothing. */
  maxBatch: Type.Integer({ minimum: 1, maximum: 64, default: 32, title: 'Balcões por lote' }),
});
export type SileroSettings = Static<typeof SileroSettings>;

/** Streams from which `tickMs` holds. */
export const FEW_STREAMS = 8;
