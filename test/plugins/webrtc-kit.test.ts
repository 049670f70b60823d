import t from 'tap';
import { proveVad } from '../../core/kit/index.ts';
import { vendor, webrtcProvider } from '../../plugins/webrtc/vad.ts';
import { labelledConversation } from '../helpers/labelled.ts';
import { heldToLabel } from '../helpers/quality.ts';

t.test('the kit is content; steady noise is for a gate or a cleaner before it', async (test) => {
  const report = await proveVad({ vendor, provider: webrtcProvider, recording: labelledConversation() });
  await heldToLabel(test, 'webrtc', report);
  const exempt = report.results.filter(({ outcome }) => outcome === 'exempt').map(({ id }) => id);
  test.same(exempt, ['precision-noisy', 'noise-is-no-speech']);
});
