import assert from 'node:assert/strict';
import test from 'node:test';
import { holdToLabel, proveStt } from 'balto/kit';
import { vendor } from './config.ts';
import { acmeStt } from './stt.ts';
import { startAcme } from './stt-emulator.ts';

const label = new URL('./quality.json', import.meta.url);

test('the kit, against the emulator', async (t) => {
  const retired = { model: 'acme-0', current: 'acme-1' };
  const report = await proveStt({ vendor, provider: acmeStt, start: startAcme, retired });
  for (const { id, outcome, detail } of report.results) if (outcome === 'failed') t.diagnostic(`${id}: ${detail}`);
  t.diagnostic(`tier: ${report.tier}`);
  assert.notEqual(report.tier, null, 'bronze at least');
  assert.deepEqual(await holdToLabel(label, report), []);
});
