import t from 'tap';
import { decideStt } from '../../../core/routing/decide.ts';
import { sttHouse } from '../../helpers/runtime-house.ts';
import { answers, scriptedStt, streams } from '../../helpers/scripted-provider.ts';

function routing(language = 'pt-BR') {
  const house = sttHouse([
    scriptedStt('a', { batch: answers }, { languages: ['en', 'es'] }),
    scriptedStt('b', { stream: streams }, { languages: ['pt'] }),
    scriptedStt('c', { batch: answers }),
  ]);
  const { registry, configured } = house;
  return { registry, configured, language };
}

t.test('candidates in the configured order, and why the others were passed over', async (t) => {
  const config = routing();
  const last = config.configured[2];
  if (last) config.configured[2] = { ...last, credentials: [], missing: 'defina C_API_KEY no .env' };
  const { decision, candidates } = decideStt(config);
  t.same(candidates, [{ address: 'stt/b', credential: 0, provider: config.configured[1] }]);
  t.same(decision, {
    rule: 'ambiente',
    version: 0,
    mode: 'stream',
    candidates: ['stt/b'],
    rejected: [
      { address: 'stt/a', reason: 'não atende o idioma pt-BR' },
      { address: 'stt/c', reason: 'defina C_API_KEY no .env' },
    ],
  });
});

t.test('the mode is the first candidate’s, unless the caller wants a segment', async (t) => {
  t.equal(decideStt(routing()).decision.mode, 'stream');
  t.equal(decideStt(routing(), { mode: 'segment' }).decision.mode, 'segment');
  t.equal(decideStt(routing('es')).decision.mode, 'segment');
  t.same(decideStt(routing('de')).candidates, []);
});

t.test('each key of a vendor is a candidate of its own', async (t) => {
  const config = routing();
  const first = config.configured[1];
  if (first) config.configured[1] = { ...first, credentials: [{}, {}] };
  t.same(
    decideStt(config).candidates.map(({ address, credential }) => `${address}#${credential}`),
    ['stt/b#0', 'stt/b#1', 'stt/c#0'],
  );
});
