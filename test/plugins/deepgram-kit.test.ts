import t from 'tap';
import { type EmulatorOptions, proveStt, proveTts } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/deepgram/config.ts';
import { deepgramStt } from '../../plugins/deepgram/stt.ts';
import { deepgramTts } from '../../plugins/deepgram/tts.ts';
import { startDeepgram } from '../emulators/deepgram.ts';
import { wordListening } from '../helpers/word-listening.ts';

const subject = { vendor, provider: deepgramStt, start: startDeepgram };

const subjects = {
  'nova-3': {
    ...subject,
    closes: [
      { code: 1008, reason: 'DATA-0000', means: 'invalid_request' },
      { code: 1011, reason: 'NET-0001', means: 'timeout' },
    ],
  },
  'flux-general-multi': { ...subject, streamOnly: true, settings: { model: 'flux-general-multi' } },
} as const;

for (const [model, given] of Object.entries(subjects)) {
  t.test(model, async (test) => {
    const { results } = await proveStt(given);
    for (const { id, title, outcome, detail } of results) test.not(outcome, 'failed', `${id}: ${detail ?? title}`);
  });
}

t.test('voices', async (test) => {
  const { results } = await proveTts({
    vendor,
    provider: deepgramTts,
    start: (options: EmulatorOptions) => startDeepgram({ ...options, listening: wordListening }),
    voice: 'aura-2-luna-en',
  });
  for (const { id, title, outcome, detail } of results) test.not(outcome, 'failed', `${id}: ${detail ?? title}`);
});
