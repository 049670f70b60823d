import { AsyncLocalStorage } from 'node:async_hooks';
import type { SttStream } from '../contracts/index.ts';

const acting = new AsyncLocalStorage<string>();

/**
 * Runs a plugin's code in the name of its address. Whatever it starts there and leaves behind (a timer, a socket, a promise
 * nobody awaits) carries that name, so that its failure, which comes later and at nobody, is not taken for one of the core.
 */
export function onBehalfOf<T>(address: string, run: () => T): T {
  return acting.run(address, run);
}

/** In whose name this code runs; undefined: the core's own. Holds in process-wide error handlers too. */
export function actingProvider(): string | undefined {
  return acting.getStore();
}

/** A plugin's stream, each of its calls in the name of its address. */
export function streamOnBehalfOf(address: string, stream: SttStream): SttStream {
  return {
    push: (pcm) => onBehalfOf(address, () => stream.push(pcm)),
    finalize: (marker) => onBehalfOf(address, () => stream.finalize(marker)),
    close: () => onBehalfOf(address, () => stream.close()),
    [Symbol.asyncIterator]() {
      const events = onBehalfOf(address, () => stream[Symbol.asyncIterator]());
      return {
        next: () => onBehalfOf(address, () => events.next()),
        return: (value?: unknown) =>
          onBehalfOf(address, () => events.return?.(value) ?? Promise.resolve({ done: true, value })),
      };
    },
  };
}
