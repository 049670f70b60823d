import t from 'tap';
import { proveVad } from '../../core/kit/index.ts';
import { sileroProvider, vendor } from '../../plugins/silero/vad.ts';
import { labelledConversation } from '../helpers/labelled.ts';
import { heldToLabel } from '../helpers/quality.ts';

t.test('the kit is content', async (test) => {
  const report = await proveVad({ vendor, provider: sileroProvider(), recording: labelledConversation() });
  await heldToLabel(test, 'silero', report);
});
