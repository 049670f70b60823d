import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/elevenlabs/config.ts';
import { elevenLabsStt } from '../../plugins/elevenlabs/stt.ts';
import { startElevenLabs } from '../emulators/elevenlabs.ts';

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
