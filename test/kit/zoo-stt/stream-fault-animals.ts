import { ProviderError } from '../../../core/contracts/index.ts';
import type { SttSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { animal, type Defect, events, instance, messages, streamError } from './defects.ts';

/** Takes every failure for the end. */
const endsQuietly = events(async function* (right) {
  try {
    yield* right;
  } catch {
    // what a customer said meanwhile is lost
  }
});

/** Does not look at the vendor's numbers. */
const renumbering: Defect = (right) => {
  let number = 0;
  return messages((message) => (message['type'] === 'final' ? { ...message, number: ++number } : message))()(right);
};

/** Wrong in a live stream whose vendor fails. */
export const streamFaultAnimals: readonly Animal<SttSubject>[] = [
  animal('stream-dies', 'takes a lost socket for the end', endsQuietly),
  animal('stream-close-code', 'gives up when the vendor closes', streamError({ retryable: false })),
  animal('stream-close-normal', 'takes a close with 1000 for the end, whatever waits', endsQuietly),
  animal('stream-vendor-closes', 'knows no close code of its vendor', streamError({ code: 'server' })),
  animal('stream-error-frame', 'drops the vendor’s code', streamError({ vendorCode: 'E42' })),
  animal(
    'stream-malformed-frame',
    'takes half a message for a failing vendor',
    streamError({ code: 'server', retryable: true }),
  ),
  animal(
    'stream-unknown-messages',
    'fails on a message that is new',
    messages((message) => (message['type'] === 'novelty' ? { type: 'error', code: 'unknown' } : message))(),
  ),
  animal(
    'stream-no-reconnect',
    'opens a new stream by itself',
    instance((right) => ({
      async open(...given) {
        const opened = await right.open(...given);
        return {
          push: (pcm) => opened.push(pcm),
          finalize: (marker) => opened.finalize(marker),
          close: () => opened.close(),
          async *[Symbol.asyncIterator]() {
            try {
              yield* opened;
            } catch (reason) {
              await right.open(...given);
              throw reason;
            }
          },
        };
      },
    })),
  ),
  animal(
    'stream-after-failure',
    'is of no use after a failure',
    instance((right) => {
      let hasFailed = false;
      return {
        async open(...given) {
          if (hasFailed) throw new ProviderError({ code: 'connection', message: 'sem conexão' });
          const opened = await right.open(...given);
          return {
            push: (pcm) => opened.push(pcm),
            finalize: (marker) => opened.finalize(marker),
            close: () => opened.close(),
            async *[Symbol.asyncIterator]() {
              try {
                yield* opened;
              } catch (reason) {
                hasFailed = true;
                throw reason;
              }
            },
          };
        },
      };
    }),
  ),
  animal(
    'stream-idle-lost',
    'waits for more on a stream that is gone',
    events(async function* (right) {
      try {
        yield* right;
      } catch {
        await new Promise(() => undefined);
      }
    }),
  ),
  animal('stream-duplicate-finals', 'says twice what comes twice', renumbering),
  animal('stream-out-of-order', 'tells finals in the order they come', renumbering),
];
