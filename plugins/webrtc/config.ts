import { type Static, Type } from 'typebox';

export const WebrtcSettings = Type.Object({
  /** 0 lets most pass, 3 is the strictest. */
  mode: Type.Integer({ minimum: 0, maximum: 3, default: 3, title: 'Rigor (0 a 3)' }),
});
export type WebrtcSettings = Static<typeof WebrtcSettings>;

export const DEFAULT_MODE = 3;
