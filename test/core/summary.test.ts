import t from 'tap';
import { effectiveVad } from '../../core/counter/settings.ts';
import type { ConfiguredProvider } from '../../core/registry/configured.ts';
import { candidatesOf, missingOf, type Summary, summaryLines } from '../../core/summary.ts';

const configured = (address: string, missing: string | null, settings = {}) =>
  ({ address, missing, settings }) as ConfiguredProvider;

function summary(more: Partial<Summary> = {}): string {
  return summaryLines(
    {
      database: { kind: 'embutido', place: './data', state: 'pronto' },
      candidates: { stt: [], llm: [] },
      vad: 'vad/a',
      cleaner: null,
      thresholds: effectiveVad(),
      mode: 'real',
      notices: [],
      missing: [],
      ...more,
    },
    'http://localhost:8765',
  ).join('\n');
}

t.test('a kind is missing when none of its candidates can be used, and says what each needs', async (t) => {
  const without = [configured('stt/a', 'defina A_KEY no .env'), configured('stt/b', 'defina B_KEY no .env')];
  t.match(missingOf('stt', without), /nenhuma transcrição.*stt\/a: defina A_KEY.*stt\/b: defina B_KEY/u);
  t.equal(missingOf('stt', [...without, configured('stt/c', null)]), null);
  t.match(missingOf('llm', []), /defina BALTO_LLM/u);
});

t.test('the lines name who is used, in order, with the model, and who is not', async (t) => {
  const stt = candidatesOf([
    configured('stt/a:large', null, { model: 'large' }),
    configured('stt/b', 'defina B_KEY no .env'),
    configured('stt/c', null, { model: 'small' }),
    configured('stt/d', null),
  ]);
  t.match(summary({ candidates: { stt, llm: [] } }), /transcrição {3}stt\/a:large → stt\/c \(small\) → stt\/d\n/u);
  t.match(summary(), /transcrição {3}nenhuma\n/u);
  t.match(summary(), /modelo {8}nenhum, e por último o catálogo/u);
  t.match(summary(), /ws:\/\/localhost:8765\/ws/u);
  t.match(summary(), /falta {9}nada/u);
});

t.test('what is missing, simulated or without effect is said aloud', async (t) => {
  t.match(summary({ missing: ['o banco não responde'] }), /FALTA {9}o banco não responde/u);
  t.match(summary({ mode: 'simulado' }), /nenhum fornecedor é chamado/u);
  t.match(summary({ vad: 'vad/nenhum' }), /cortes fixos de 5 s/u);
  t.match(summary({ notices: [{ variable: 'REDIS_URL', message: 'ainda não' }] }), /aviso {9}REDIS_URL ainda não/u);
});
