import t from 'tap';
import { proveCleaner } from '../../core/kit/index.ts';
import { rnnoiseProvider, vendor } from '../../plugins/rnnoise/cleaner.ts';
import { labelledConversation } from '../helpers/labelled.ts';

t.test('the kit is content', async (test) => {
  const subject = { vendor, provider: rnnoiseProvider, recording: labelledConversation() };
  const { results } = await proveCleaner(subject);
  for (const { id, outcome, detail } of results) test.equal(outcome, 'passed', `${id}: ${detail}`);
});
