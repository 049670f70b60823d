import { holdToLabel, proveStt } from 'balto/kit';
import t from 'tap';
import { vendor } from './config.ts';
import { acmeStt } from './stt.ts';
import { startAcme } from './stt-emulator.ts';

const label = new URL('./quality.json', import.meta.url);

t.test('the kit, against the emulator', async (test) => {
  const retired = { model: 'acme-0', current: 'acme-1' };
  const report = await proveStt({ vendor, provider: acmeStt, start: startAcme, retired });
  for (const { id, outcome, detail } of report.results) if (outcome === 'failed') test.comment(`${id}: ${detail}`);
  test.not(report.tier, null, 'bronze at least');
  test.same(await holdToLabel(label, report), [], 'quality.json is true');
});
