import t from 'tap';
import { proveCleaner } from '../../core/kit/index.ts';
import { spectralGateProvider, vendor } from '../../plugins/spectral-gate/cleaner.ts';
import { labelledConversation } from '../helpers/labelled.ts';
import { heldToLabel } from '../helpers/quality.ts';

t.test('the kit is content', async (test) => {
  const subject = { vendor, provider: spectralGateProvider, recording: labelledConversation() };
  await heldToLabel(test, 'spectral-gate', await proveCleaner(subject));
});
