import t from 'tap';
import { type EmulatorOptions, proveStt, proveTts, type SttSubject } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/deepgram/config.ts';
import { deepgramStt } from '../../plugins/deepgram/stt.ts';
import { deepgramTts } from '../../plugins/deepgram/tts.ts';
import { startDeepgram } from '../emulators/deepgram.ts';
import { heldToLabel } from '../helpers/quality.ts';
import { wordListening } from '../helpers/word-listening.ts';

const subject = { vendor, provider: deepgramStt, start: startDeepgram };

const subjects: SttSubject[] = [
  {
    ...subject,
    closes: [
      { code: 1008, reason: 'DATA-0000', means: 'invalid_request' },
      { code: 1011, reason: 'NET-0001', means: 'timeout' },
    ],
  },
  { ...subject, streamOnly: true, settings: { model: 'flux-general-multi' } },
];

t.test('ears', async (test) => {
  const reports = [];
  for (const subject of subjects) reports.push(await proveStt(subject));
  await heldToLabel(test, 'deepgram', reports);
});

t.test('voices', async (test) => {
  const report = await proveTts({
    vendor,
    provider: deepgramTts,
    start: (options: EmulatorOptions) => startDeepgram({ ...options, listening: wordListening }),
    voice: 'aura-2-luna-en',
  });
  await heldToLabel(test, 'deepgram', report);
});
