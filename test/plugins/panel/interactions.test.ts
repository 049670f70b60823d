import t from 'tap';
import { attemptSentence, explained } from '../../../plugins/panel/web/src/pages/interactions/explain.ts';
import {
  dayAfter,
  exportUrl,
  filtersOf,
  queryOf,
  searchOf,
} from '../../../plugins/panel/web/src/pages/interactions/filters.ts';
import { barsOf, placed } from '../../../plugins/panel/web/src/pages/interactions/timeline.ts';
import { BLANK, bodyOf, commandOf } from '../../../plugins/panel/web/src/pages/review/draft.ts';

t.test('filters go to the address and back, to the list and to the export alike', async (t) => {
  const filters = filtersOf('q=dor+de&card=true&to=2026-02-28&nada=1');
  t.match(filters, { q: 'dor de', card: 'true', to: '2026-02-28', type: '' });
  t.equal(searchOf(filters), 'q=dor+de&to=2026-02-28&card=true');
  t.equal(searchOf(filters, 'abc'), 'q=dor+de&to=2026-02-28&card=true&cursor=abc');
  t.same(queryOf(filters, 'c1'), { q: 'dor de', to: '2026-03-01', card: 'true', clientId: 'c1' });
  t.equal(exportUrl('csv', filters, 'c1'), '/api/export/csv?busca=dor+de&fim=2026-03-01&cartao=true&cliente_id=c1');
  t.equal(dayAfter('nem um dia'), 'nem um dia');
});

t.test('a decision is told in sentences, whatever is missing', async (t) => {
  t.equal(explained(null), null);
  t.equal(explained('texto'), null);
  t.same(explained({ rule: 'lista', version: 3, candidates: [], rejected: 'x', attempts: 7 }), {
    sentences: ['A lista de provedores do cliente decidiu, na versão 3 da configuração.', 'Nenhum provedor servia.'],
    rejected: [],
    attempts: [],
  });
  t.equal(
    attemptSentence({ address: 'stt/a', outcome: 'empty', durationMs: 1200 }),
    'stt/a ouviu em 1,2 s e disse que não havia fala.',
  );
  t.equal(attemptSentence({}), ' respondeu em –.');
});

t.test('steps and attempts stand on one line of time', async (t) => {
  const at = (ms: number) => new Date(1_000_000 + ms).toISOString();
  const row = {
    times: {
      tsSpeechEnd: at(0),
      tsAudioReceived: at(900),
      tsTranscriptionReady: at(1900),
      tsAiRequest: null,
      tsClientSent: at(2000),
    },
    decision: {
      attempts: [
        { address: 'stt/a', startedAt: at(910), durationMs: 900, outcome: 'answered' },
        { address: 'sem tempo' },
      ],
    },
    gate: null,
  };
  t.match(barsOf(row), [
    { name: 'hangOver', startMs: 0, durationMs: 900 },
    { name: 'stt', startMs: 900, durationMs: 1000 },
    { name: 'stt/a', startMs: 910, durationMs: 900, outcome: 'answered' },
    { name: 'sent', startMs: 1900, durationMs: 100 },
  ]);
  t.match(placed(barsOf(row)).at(-1), { left: 0.95, width: 0.05 });
  t.same(barsOf({ times: {}, decision: null, gate: null }), []);
});

t.test('keys, and what they send', async (t) => {
  t.same(commandOf('1', true), { draft: { recommendation: 'util' } });
  t.equal(commandOf('1', false), null, 'no card to rate');
  t.equal(commandOf('x', true), null);
  t.same(commandOf('E', true), { draft: { transcriptOk: false }, focus: 'corrected' });
  t.equal(bodyOf(BLANK), null);
  const wrong = { ...BLANK, transcriptOk: false, correctedText: ' um xarope ', note: ' ' };
  t.same(bodyOf(wrong), { transcriptOk: false, correctedText: 'um xarope', recommendation: null, note: null });
  t.match(bodyOf({ ...wrong, transcriptOk: true }), { correctedText: null }, 'right, so nothing to correct');
});
