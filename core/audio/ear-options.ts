import type { Clock } from '../contracts/index.ts';
import type { Detectors } from './hearing.ts';
import type { LevelMeter } from './level-meter.ts';
import type { BlockPool } from './ring.ts';
import type { VadSettings } from './settings.ts';
import type { EarListener, EarState } from './types.ts';

/** Without any VAD: cuts of 5 s with 0.8 s of overlap, so that nothing spoken is lost. */
export const FIXED_CUTS = { segmentLimitFrames: 167, overlapFrames: 27 };

/** Frames that may wait for a VAD's answer: 2 min. A caller that pushes more at once gets the fall-back for it. */
export const MAX_WAITING_FRAMES = 4000;

/** How utterances are cut: as configured, unless no VAD is left. */
export function cutsOf(settings: VadSettings, isFixed: boolean): VadSettings {
  return isFixed ? { ...settings, ...FIXED_CUTS } : settings;
}

export interface EarOptions extends Detectors {
  settings: VadSettings;
  listener: EarListener;
  clock: Clock;
  /** Memory shared between ears; default: one's own. */
  pool?: BlockPool;
  /** Numbers the utterances; default: from 1 on. */
  nextSegment?: () => number;
  /** Told of every frame while somebody watches; absent: nobody can. */
  meter?: LevelMeter;
  /** Goes on where another ear has stopped: what that one said of itself. */
  from?: EarState;
}
