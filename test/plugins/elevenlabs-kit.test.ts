import t from 'tap';
import { type EmulatorOptions, proveStt, proveTts } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/elevenlabs/config.ts';
import { elevenLabsStt } from '../../plugins/elevenlabs/stt.ts';
import { elevenLabsTts } from '../../plugins/elevenlabs/tts.ts';
import { startElevenLabs } from '../emulators/elevenlabs.ts';
import { wordListening } from '../helpers/word-listening.ts';

const subject = {
  vendor,
  provider: elevenLabsStt,
  start: startElevenLabs,
  retired: { model: 'scribe_v1_experimental', current: 'scribe_v2' },
};

const subjects = {
  scribe_v2: subject,
  scribe_v2_realtime: {
    ...subject,
    streamOnly: true,
    settings: { model: 'scribe_v2_realtime' },
    closes: [
      { code: 1000, reason: 'quota_exceeded', means: 'quota' },
      { code: 1008, means: 'invalid_request' },
    ],
  },
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
    provider: elevenLabsTts,
    start: (options: EmulatorOptions) => startElevenLabs({ ...options, listening: wordListening }),
    retired: { model: 'eleven_monolingual_v1', current: 'eleven_flash_v2_5' },
    voice: 'outra-voz',
  });
  for (const { id, title, outcome, detail } of results) test.not(outcome, 'failed', `${id}: ${detail ?? title}`);
});
