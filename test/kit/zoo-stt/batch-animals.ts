import { ProviderError } from '../../../core/contracts/index.ts';
import type { SttSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { acme } from './acme/subject.ts';
import { animal, asked, capabilities, context, error, instance, live, transcript } from './defects.ts';

const NOTHING = { text: '', model: 'acme-1' };
const invalid = () => new ProviderError({ code: 'invalid_request', message: 'curto demais' });

/** Takes any failure for an empty answer. */
const forgiving = instance((right) => ({ transcribe: (...given) => right.transcribe(...given).catch(() => NOTHING) }));

/** Wrong with a whole utterance. */
export const batchAnimals: readonly Animal<SttSubject>[] = [
  animal(
    'transcribe-text',
    'hears something else',
    transcript(() => ({ text: 'outra coisa' })),
  ),
  animal(
    'transcribe-shape',
    'names no model',
    transcript(() => ({ model: '' })),
  ),
  animal(
    'transcribe-silence',
    'takes silence for an error',
    instance((right) => ({
      async transcribe(...given) {
        const answered = await right.transcribe(...given);
        if (answered.text === '') throw new ProviderError({ code: 'empty', message: 'nada' });
        return answered;
      },
    })),
  ),
  animal(
    'transcribe-once',
    'asks twice, to be sure',
    instance((right) => ({
      async transcribe(...given) {
        await right.transcribe(...given);
        return right.transcribe(...given);
      },
    })),
  ),
  animal(
    'context-only',
    'uses the platform’s own fetch',
    context(() => ({ fetch: globalThis.fetch })),
  ),
  animal(
    'transcribe-language',
    'asks for English',
    asked((audio, options, signal) => [audio, { ...options, language: 'en' }, signal]),
  ),
  animal(
    'transcribe-view',
    'sends the whole buffer of which it was given a part',
    asked(({ pcm, sampleRateHz }, ...rest) => [{ pcm: new Int16Array(pcm.buffer), sampleRateHz }, ...rest]),
  ),
  animal(
    'empty-audio',
    'crashes without audio',
    instance((right) => ({
      async transcribe(audio, ...rest) {
        if (audio.pcm.at(0) === undefined) throw new RangeError('no sample');
        return right.transcribe(audio, ...rest);
      },
    })),
  ),
  animal(
    'short-audio',
    'refuses less than half a second, and does not say so',
    instance((right) => ({
      async transcribe(audio, ...rest) {
        if (audio.pcm.length < audio.sampleRateHz / 2) throw invalid();
        return right.transcribe(audio, ...rest);
      },
    })),
  ),
  animal(
    'wrong-sample-rate',
    'takes any audio for 16 kHz',
    asked(({ pcm }, ...rest) => [{ pcm, sampleRateHz: 16_000 }, ...rest]),
  ),
  animal(
    'transcribe-usage',
    'bills minutes as seconds',
    transcript(({ usage }) => ({
      usage: (usage ?? []).map((each) => ({ ...each, quantity: each.quantity / 60 })),
    })),
  ),
  animal(
    'transcribe-request-id',
    'has one request id for everything',
    transcript(() => ({ requestId: 'a-1' })),
  ),
  animal(
    'word-text',
    'loses the last word',
    transcript(({ words }) => ({ words: (words ?? []).slice(0, -1) })),
  ),
  animal(
    'word-times',
    'gives times in seconds',
    transcript(({ words }) => ({
      words: (words ?? []).map((word) => ({ ...word, startMs: word.startMs / 1000, endMs: word.endMs / 1000 })),
    })),
  ),
  animal(
    'confidence-range',
    'gives confidence in per cent',
    transcript(({ words }) => ({
      words: (words ?? []).map((word) => ({ ...word, confidence: (word.confidence ?? 1) * 100 })),
    })),
  ),
  animal(
    'speaker-labels',
    'drops the speakers',
    transcript(({ words }) => ({
      words: (words ?? []).map(({ speaker: _speaker, ...word }) => word),
    })),
  ),
  animal(
    'keyterms-sent',
    'forgets the key terms',
    asked((audio, { keyterms: _terms, ...options }, signal) => [audio, options, signal]),
  ),
  animal(
    'keyterms-limited',
    'sends more key terms than it states',
    capabilities({ keyterms: { max: 3, maxChars: 30 } }),
  ),
  animal(
    'abort-before',
    'looks at the abort after it has asked',
    instance((right) => ({
      async transcribe(audio, options, signal) {
        await right.transcribe(audio, options, live());
        if (signal.aborted) throw aborted();
        return NOTHING;
      },
    })),
  ),
  animal(
    'abort-during',
    'does not hear an abort',
    asked((audio, options) => [audio, options, live()]),
  ),
  animal('abort-releases', 'leaves the request behind', leaving()),
  animal('abort-drip', 'reads on after an abort', leaving()),
  animal('abort-half-open', 'waits on after an abort', leaving()),
  animal(
    'instance-ends',
    'lives on after its end',
    context(() => ({ fetch: globalThis.fetch })),
  ),
  animal('batch-refused', 'blames the vendor for the network', error({ code: 'server', blame: 'vendor' })),
  animal('batch-reset', 'gives up on a reset', error({ retryable: false })),
  animal('batch-rate-limited', 'invents a time to wait', error({ retryAfterMs: 1000 })),
  animal('batch-retry-after', 'takes seconds for milliseconds', error({ retryAfterMs: 7 })),
  animal('batch-auth', 'takes a wrong key for a bad request', error({ code: 'invalid_request' })),
  animal('batch-quota', 'takes no credit for too many requests', error({ code: 'rate_limited' })),
  animal('batch-server-error', 'gives up on a failing vendor', error({ retryable: false })),
  animal('batch-malformed', 'takes half an answer for silence', forgiving),
  animal('batch-wrong-shape', 'takes an unknown answer for silence', forgiving),
  animal('batch-huge', 'takes a body without end for silence', forgiving),
  animal(
    'batch-redirect',
    'follows redirects',
    context(() => ({ fetch: (input, init) => fetch(input, { ...init, redirect: 'follow' }) })),
  ),
  animal(
    'batch-one-attempt',
    'tries again by itself',
    instance((right) => ({
      transcribe: (...given) => right.transcribe(...given).catch(() => right.transcribe(...given)),
    })),
  ),
  animal('batch-vendor-code', 'writes codes of its own', error({ vendorCode: 'E42' })),
  {
    trips: 'transcribe-refused',
    name: 'says it only streams, and transcribes',
    subject: { ...acme, streamOnly: true },
  },
];

function aborted(): ProviderError {
  return new ProviderError({ code: 'aborted', message: 'cancelado' });
}

/** Rejects at once, but the request goes on. */
function leaving() {
  return instance((right) => ({
    transcribe: (audio, options, signal) =>
      Promise.race([
        right.transcribe(audio, options, live()),
        new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(aborted()))),
      ]),
  }));
}
