import type { Log } from '../../contracts/context.ts';
import type { DeclaredAudio } from '../types.ts';
import type { RestartPoint } from './restart-map.ts';

export interface StreamDecoderOptions {
  /** Absent: recognised from the first bytes. */
  declared?: DeclaredAudio | undefined;
  /** 16 kHz mono, ±1, at most half a second, borrowed until return. Synchronous with `push`, once warm. */
  onPcm(pcm: Float32Array): void;
  /** A format was recognised, or the declared one taken: `webm`, `ogg`, `wav`, `pcm_s16le`, `mp4`, … */
  onFormat?: ((name: string) => void) | undefined;
  /** A new container header in mid-stream: a recorder started again. */
  onRestart?: (() => void) | undefined;
  /** Once; nothing more is decoded. The name is safe for a close reason. */
  onUnsupported(name: string): void;
  log: Log;
  /** The ffmpeg for formats that are not decoded in process (see `findFfmpeg`); absent: they are not supported. */
  ffmpegPath?: string | null | undefined;
  /** Keeps account of where another decoder could go on: see `restartAt`. */
  restartable?: boolean | undefined;
  /** Goes on where another decoder could have: its first byte is the one that this point names. */
  from?: Pick<RestartPoint, 'byte' | 'state'> | undefined;
}
