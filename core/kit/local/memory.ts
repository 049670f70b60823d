import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/** Collects garbage now, so that what is counted afterwards is what is kept. */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}

/** Bytes of JavaScript objects and of the buffers outside the heap. */
export function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes kept after collecting, with turns of the event loop between: buffers are given back a moment later. */
export async function keptBytes(): Promise<number> {
  for (let round = 0; round < 2; round++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return usedBytes();
}

const ROUNDS = 2;

/**
 * Bytes that stay behind when `run` has done `times`, in two rounds after a first one that warms up. The least growth of a
 * round counts, twice: what leaks grows in both of them, what others in this process do does not.
 */
export async function keptBy(times: number, run: (times: number) => Promise<void> | void): Promise<number> {
  await run(Math.ceil(times / 20));
  let least = Number.POSITIVE_INFINITY;
  let before = await keptBytes();
  for (let round = 0; round < ROUNDS; round++) {
    await run(times / ROUNDS);
    const now = await keptBytes();
    least = Math.min(least, now - before);
    before = now;
  }
  return least * ROUNDS;
}

/**
 * Bytes `run` allocates per call, mean over `calls`, whether they are kept or not. Sampled every thousand calls: what a
 * collection frees between two samples is not seen, which makes a small figure smaller, never a zero larger.
 */
export function allocatedPerCall(calls: number, run: () => void): number {
  let allocated = 0;
  let before = usedBytes();
  for (let done = 0; done < calls; done += 1000) {
    for (let i = 0; i < 1000; i++) run();
    const now = usedBytes();
    allocated += Math.max(0, now - before);
    before = now;
  }
  return allocated / calls;
}
