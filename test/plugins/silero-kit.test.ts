import t from 'tap';
import { proveVad } from '../../core/kit/index.ts';
import { sileroProvider, vendor } from '../../plugins/silero/vad.ts';
import { labelledConversation } from '../helpers/labelled.ts';

t.test('the kit is content', async (test) => {
  const { results } = await proveVad({ vendor, provider: sileroProvider(), recording: labelledConversation() });
  for (const { id, outcome, detail } of results) test.equal(outcome, 'passed', `${id}: ${detail}`);
});
