import t from 'tap';
import { type EmulatorOptions, proveStt, proveTts, type SttSubject } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/elevenlabs/config.ts';
import { elevenLabsStt } from '../../plugins/elevenlabs/stt.ts';
import { elevenLabsTts } from '../../plugins/elevenlabs/tts.ts';
import { startElevenLabs } from '../emulators/elevenlabs.ts';
import { heldToLabel } from '../helpers/quality.ts';
import { wordListening } from '../helpers/word-listening.ts';

const subject = {
  vendor,
  provider: elevenLabsStt,
  start: startElevenLabs,
  retired: { model: 'scribe_v1_experimental', current: 'scribe_v2' },
};

const subjects: SttSubject[] = [
  subject,
  {
    ...subject,
    streamOnly: true,
    settings: { model: 'scribe_v2_realtime' },
    closes: [
      { code: 1000, reason: 'quota_exceeded', means: 'quota' },
      { code: 1008, means: 'invalid_request' },
    ],
  },
];

t.test('ears', async (test) => {
  const reports = [];
  for (const subject of subjects) reports.push(await proveStt(subject));
  await heldToLabel(test, 'elevenlabs', reports);
});

t.test('voices', async (test) => {
  const report = await proveTts({
    vendor,
    provider: elevenLabsTts,
    start: (options: EmulatorOptions) => startElevenLabs({ ...options, listening: wordListening }),
    retired: { model: 'eleven_monolingual_v1', current: 'eleven_flash_v2_5' },
    voice: 'outra-voz',
  });
  await heldToLabel(test, 'elevenlabs', report);
});
