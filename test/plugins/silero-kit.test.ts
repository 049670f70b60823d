import t from 'tap';
import { proveVad } from '../../core/kit/index.ts';
import { sileroProvider, vendor } from '../../plugins/silero/vad.ts';
import { labelledConversation } from '../helpers/labelled.ts';
import { heldToLabel } from '../helpers/quality.ts';

/** 100,000 frames of a real model are nearly an hour of audio: several seconds of a core that other tests want as well. */
const CHECK_MS = 60_000;

t.test('the kit is content', async (test) => {
  const subject = { vendor, provider: sileroProvider(), recording: labelledConversation() };
  const report = await proveVad(subject, { checkMs: CHECK_MS });
  await heldToLabel(test, 'silero', report);
});
