import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import { acme } from './zoo-stt/acme/subject.ts';

t.test('the reference plugin is green on everything the kit asks', async (test) => {
  const { results, tier, address, kind } = await proveStt(acme);
  for (const { id, title, outcome, detail } of results) test.not(outcome, 'failed', `${id}: ${detail ?? title}`);
  test.match({ tier, address, kind }, { tier: 'platinum', address: 'stt/acme', kind: 'stt' });
  const exempt = results.filter((each) => each.outcome === 'exempt').map((each) => each.id);
  test.same(exempt, ['transcribe-refused'], 'only the check for models that cannot do both');
});
