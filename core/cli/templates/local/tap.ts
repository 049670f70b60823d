import { holdToLabel, proveVad } from 'balto/kit';
import t from 'tap';
import { labelledConversation } from './recording.ts';
import { acmeVad } from './vad.ts';
import { vendor } from './vad-config.ts';

const label = new URL('./quality.json', import.meta.url);

t.test('the kit, on a recording whose speech is labelled', async (test) => {
  const report = await proveVad({ vendor, provider: acmeVad, recording: labelledConversation() });
  for (const { id, outcome, detail } of report.results) if (outcome === 'failed') test.comment(`${id}: ${detail}`);
  test.not(report.tier, null, 'bronze at least');
  test.same(await holdToLabel(label, report), [], 'quality.json is true');
});
