import t from 'tap';
import { proveCleaner } from '../../core/kit/index.ts';
import { spectralGateProvider, vendor } from '../../plugins/spectral-gate/cleaner.ts';
import { labelledConversation } from '../helpers/labelled.ts';

t.test('the kit is content', async (test) => {
  const subject = { vendor, provider: spectralGateProvider, recording: labelledConversation() };
  const { results } = await proveCleaner(subject);
  for (const { id, outcome, detail } of results) test.equal(outcome, 'passed', `${id}: ${detail}`);
});
