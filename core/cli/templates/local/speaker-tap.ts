import { holdToLabel, proveSpeaker } from 'balto/kit';
import t from 'tap';
import { acmeSpeaker } from './speaker.ts';
import { vendor } from './speaker-config.ts';
import { voices } from './voices.ts';

const label = new URL('./quality.json', import.meta.url);

t.test('the kit, on clips of known voices', async (test) => {
  const report = await proveSpeaker({ vendor, provider: acmeSpeaker, voices: voices() });
  for (const { id, outcome, detail } of report.results) if (outcome === 'failed') test.comment(`${id}: ${detail}`);
  test.not(report.tier, null, 'bronze at least');
  test.same(await holdToLabel(label, report), [], 'quality.json is true');
});
