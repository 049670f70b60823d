import { ConnectError, ProviderError } from '../../../core/contracts/index.ts';
import type { SttSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { animal, asked, capabilities, context, error, instance, live } from './defects.ts';

/** Opens without the caller's signal, and rejects when that fires. */
const leaving = instance((right) => ({
  async open(options, signal) {
    const opening = right.open(options, live());
    const gone = new Promise<never>((_resolve, reject) => {
      const abort = () => reject(new ProviderError({ code: 'aborted', message: 'cancelado' }));
      if (signal.aborted) opening.then(abort, abort);
      else signal.addEventListener('abort', abort);
    });
    return signal.aborted ? gone : Promise.race([opening, gone]);
  },
}));

const deaf = asked((audio, options) => [audio, options, live()]);

/** Wrong in how a stream is opened, or in how it is let go. */
export const openAnimals: readonly Animal<SttSubject>[] = [
  animal(
    'stream-keyterms-limited',
    'sends longer key terms than it states',
    capabilities({ keyterms: { max: 10, maxChars: 5 } }),
  ),
  animal('open-abort-before', 'opens for somebody who has gone', leaving),
  animal('open-abort-during', 'leaves the handshake behind', leaving),
  animal('open-half-open', 'waits for a vendor that is gone, whatever the caller says', deaf),
  animal('stream-abort', 'does not hear the abort of a stream', deaf),
  animal('open-refused', 'blames the vendor for the network', error({ code: 'server', blame: 'vendor' })),
  animal('open-reset', 'gives up on a reset', error({ retryable: false })),
  animal('open-rate-limited', 'invents a time to wait', error({ retryAfterMs: 1000 })),
  animal('open-retry-after', 'takes seconds for milliseconds', error({ retryAfterMs: 7 })),
  animal('open-auth', 'takes a wrong key for a bad request', error({ code: 'invalid_request' })),
  animal('open-quota', 'takes no credit for too many requests', error({ code: 'rate_limited' })),
  animal('open-server-error', 'gives up on a failing vendor', error({ retryable: false })),
  animal(
    'open-one-attempt',
    'opens again by itself',
    instance((right) => ({
      open: (...given) => right.open(...given).catch(() => right.open(...given)),
    })),
  ),
  animal('open-vendor-code', 'writes codes of its own', error({ vendorCode: 'E42' })),
  animal(
    'open-redirect',
    'follows a redirected handshake',
    context((right) => ({
      connect: (...given) =>
        right.connect(...given).catch(async (reason) => {
          if (reason instanceof ConnectError && reason.headers['location']) await fetch(reason.headers['location']);
          throw reason;
        }),
    })),
  ),
];
