import t from 'tap';
import { proveCleaner } from '../../core/kit/index.ts';
import { rnnoiseProvider, vendor } from '../../plugins/rnnoise/cleaner.ts';
import { labelledConversation } from '../helpers/labelled.ts';
import { heldToLabel } from '../helpers/quality.ts';

t.test('the kit is content', async (test) => {
  const subject = { vendor, provider: rnnoiseProvider, recording: labelledConversation() };
  await heldToLabel(test, 'rnnoise', await proveCleaner(subject));
});
