import type { Clock } from '../contracts/index.ts';

/** The value, or undefined when it takes longer than `ms`; what comes later is dropped. Rejects as `work` does. */
export function within<T>(work: Promise<T>, ms: number, clock: Pick<Clock, 'after'>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
