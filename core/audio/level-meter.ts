/** Who is told how loud an ear hears. */
export interface LevelMeter {
  /** False: nobody looks, and the ear tells nothing. */
  readonly isWatched: boolean;
  /**
   * One frame of 30 ms, decided. Energies are RMS in int16 units: the frame's, the noise floor's, and what opens the gate.
   * `probability` is the VAD's, -1 where the gate was shut and no VAD was asked.
   */
  frame(rms: number, noise: number, threshold: number, probability: number, isSpoken: boolean): void;
}
