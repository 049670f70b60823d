import type { VoiceVerdict } from '../runtime/types.ts';
import type { EnrolledVoice, Shift } from '../store/employees-table.ts';
import type { WallTime } from '../wall-clock.ts';

/** When a voice counts as recognised. */
export interface MatchThresholds {
  /** Least cosine. */
  score: number;
  /** Least distance to the second. */
  margin: number;
}

/** Whether somebody works now; who has no shift at all always does. */
export function isOnShift(shifts: readonly Shift[], { weekday, minute }: WallTime): boolean {
  if (shifts.length === 0) return true;
  const yesterday = (weekday + 6) % 7;
  return shifts.some(({ weekday: day, startMinute, endMinute }) => {
    if (startMinute <= endMinute) return day === weekday && startMinute <= minute && minute <= endMinute;
    return (day === weekday && startMinute <= minute) || (day === yesterday && minute <= endMinute);
  });
}

/** Everybody's likeness to a voice, and who it is, where it is clearly somebody. Only voices of its own length are compared. */
export function matchVoice(
  vector: Float32Array,
  voices: readonly Pick<EnrolledVoice, 'id' | 'name' | 'vector'>[],
  { score: leastScore, margin }: MatchThresholds,
  isHint: boolean,
): VoiceVerdict {
  const scores = voices
    .filter((voice) => voice.vector.length === vector.length)
    .map(({ id, name, vector: own }) => {
      const score = Number(cosine(vector, own).toFixed(4));
      return isHint ? { id, name, score, hint: true as const } : { id, name, score };
    })
    .sort((a, b) => b.score - a.score || a.id - b.id);
  const [best, second] = scores;
  const isClear = best && best.score >= leastScore && (!second || best.score - second.score >= margin);
  return { employee: isClear ? { id: best.id, name: best.name } : null, scores };
}

/** −1 to 1; 0 where one of them has no length. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [product, left, right] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += (a[i] as number) * (b[i] as number);
    left += (a[i] as number) ** 2;
    right += (b[i] as number) ** 2;
  }
  return left > 0 && right > 0 ? product / Math.sqrt(left * right) : 0;
}
