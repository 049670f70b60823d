import assert from 'node:assert/strict';
import test from 'node:test';
import { holdToLabel, proveVad } from 'balto/kit';
import { labelledConversation } from './recording.ts';
import { acmeVad } from './vad.ts';
import { vendor } from './vad-config.ts';

const label = new URL('./quality.json', import.meta.url);

test('the kit, on a recording whose speech is labelled', async (t) => {
  const report = await proveVad({ vendor, provider: acmeVad, recording: labelledConversation() });
  for (const { id, outcome, detail } of report.results) if (outcome === 'failed') t.diagnostic(`${id}: ${detail}`);
  t.diagnostic(`tier: ${report.tier}`);
  assert.notEqual(report.tier, null, 'bronze at least');
  assert.deepEqual(await holdToLabel(label, report), []);
});
