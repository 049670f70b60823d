import t from 'tap';
import { EMULATOR_KEY, KitFailure, proveStt, STT_CHECKS, tierOf, wordListening } from '../../core/kit/index.ts';
import { spoken } from '../helpers/provider.ts';
import { startAcme } from './zoo-stt/acme/emulator.ts';
import { acme } from './zoo-stt/acme/subject.ts';

/** As a person would hear it; the emulator hears levels. */
const speech = { audio: spoken([1, 2, 3, 4]), words: ['p1', 'p2', 'p3', 'p4'] };
const one = { only: ['transcribe-text'] };

t.test('at least forty checks, each with a tier; bronze ones among them', async (test) => {
  test.ok(STT_CHECKS.length >= 40);
  for (const tier of ['bronze', 'silver', 'gold', 'platinum']) {
    test.ok(
      STT_CHECKS.some((check) => check.tier === tier),
      tier,
    );
  }
});

t.test('a tier counts only when every check of the tiers below passed too', async (test) => {
  const result = (tier: 'bronze' | 'silver' | 'gold', outcome: 'passed' | 'failed' | 'exempt') => ({
    id: 'x',
    title: 'x',
    tier,
    outcome,
    detail: null,
  });
  test.equal(tierOf([result('bronze', 'failed'), result('gold', 'passed')]), null);
  test.equal(tierOf([result('bronze', 'passed'), result('silver', 'failed'), result('gold', 'passed')]), 'bronze');
  test.equal(tierOf([result('bronze', 'passed'), result('silver', 'exempt')]), 'platinum');
});

t.test(
  'an exemption shows with its reason; nobody is excused from bronze, nor from what there is not',
  async (test) => {
    const reason = 'the vendor answers no request id';
    const { results } = await proveStt(
      { ...acme, exempt: { 'transcribe-request-id': reason } },
      { only: ['transcribe-request-id'] },
    );
    test.match(results, [{ outcome: 'exempt', detail: reason }]);
    const wrong: Record<string, string>[] = [
      { 'transcribe-text': reason },
      { 'no-such-check': reason },
      { 'probe-cheap': '' },
    ];
    for (const exempt of wrong) {
      await test.rejects(proveStt({ ...acme, exempt }, one), KitFailure);
    }
  },
);

t.test('a provider that works in this process is asked nothing about a vendor', async (test) => {
  const { start: _start, ...local } = acme;
  await test.rejects(proveStt(local, one), KitFailure, 'what is said in the audio must be known');
  const emulator = await startAcme({ listening: wordListening });
  test.teardown(() => emulator.close());
  const { results } = await proveStt(
    { ...local, speech, credential: { apiKey: EMULATOR_KEY }, settings: { baseUrl: emulator.url } },
    { only: ['transcribe-text', 'stream-text', 'batch-quota'] },
  );
  test.match(results, [{ outcome: 'passed' }, { outcome: 'exempt', detail: /no vendor/ }, { outcome: 'passed' }]);
});

t.test('with a real key the vendor is asked, and what needs a fault of it is exempt', async (test) => {
  const emulator = await startAcme({ listening: wordListening, apiKey: 'chave-de-verdade' });
  test.teardown(() => emulator.close());
  const live = { credential: { apiKey: 'chave-de-verdade' }, settings: { baseUrl: emulator.url } };
  const { results } = await proveStt({ ...acme, speech }, { live });
  for (const { id, outcome, detail } of results) test.not(outcome, 'failed', `${id}: ${detail}`);
  const exempt = results.filter(({ outcome }) => outcome === 'exempt');
  test.ok(exempt.some(({ id }) => id === 'batch-server-error'));
  test.ok(exempt.some(({ detail }) => detail?.startsWith('live:')));
  test.ok(emulator.requests.length > 20);
});
