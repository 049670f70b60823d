import t from 'tap';
import { proveVad } from '../../core/kit/index.ts';
import { vendor, webrtcProvider } from '../../plugins/webrtc/vad.ts';
import { labelledConversation } from '../helpers/labelled.ts';

t.test('the kit is content; steady noise is for a gate or a cleaner before it', async (test) => {
  const { results } = await proveVad({ vendor, provider: webrtcProvider, recording: labelledConversation() });
  for (const { id, outcome, detail } of results) test.not(outcome, 'failed', `${id}: ${detail}`);
  const exempt = results.filter(({ outcome }) => outcome === 'exempt').map(({ id }) => id);
  test.same(exempt, ['precision-noisy', 'noise-is-no-speech']);
});
