import assert from 'node:assert/strict';
import test from 'node:test';
import { holdToLabel, proveSpeaker } from 'balto/kit';
import { acmeSpeaker } from './speaker.ts';
import { vendor } from './speaker-config.ts';
import { voices } from './voices.ts';

const label = new URL('./quality.json', import.meta.url);

test('the kit, on clips of known voices', async (t) => {
  const report = await proveSpeaker({ vendor, provider: acmeSpeaker, voices: voices() });
  for (const { id, outcome, detail } of report.results) if (outcome === 'failed') t.diagnostic(`${id}: ${detail}`);
  t.diagnostic(`tier: ${report.tier}`);
  assert.notEqual(report.tier, null, 'bronze at least');
  assert.deepEqual(await holdToLabel(label, report), []);
});
