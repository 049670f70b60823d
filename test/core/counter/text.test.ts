import t from 'tap';
import type { Utterance } from '../../../core/audio/types.ts';
import { TextReader } from '../../../core/counter/text.ts';
import { loadPharmacyData } from '../../../core/pharmacy/data.ts';
import { loadPrivacyData } from '../../../core/privacy/data.ts';
import { Masker, NO_CLIENT_WORDS } from '../../../core/privacy/mask.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { heardAt } from '../../helpers/talking-counter.ts';

const clock = new ManualClock();
const { filters } = loadPharmacyData();

const privacy = loadPrivacyData();
const reads = (isSimulated: boolean) =>
  new TextReader(filters, isSimulated, new Masker(privacy, () => NO_CLIENT_WORDS));

/** What a reader looks at of an utterance. */
const utterance = (segment: number, overlapsPrevious = false) => ({ segment, overlapsPrevious }) as Utterance;
const heard = (text: string) => heardAt(clock, text);

t.test('plain speech is stored as it was said', async (t) => {
  const reader = reads(false);
  t.match(reader.read(utterance(1), heard(' tem dipirona? ')), {
    text: 'tem dipirona?',
    transcript: 'tem dipirona?',
    type: 'valid',
    feedback: 'processado',
    filters: null,
    rules: [],
  });
});

t.test('what a filter drops is stored with its rule, and the context gets nothing', async (t) => {
  const reader = reads(false);
  t.match(reader.read(utterance(1), heard('Legendas pela comunidade')), {
    text: '',
    transcript: 'Legendas pela comunidade',
    type: 'discarded_ia',
    feedback: 'discarded',
    rules: ['texto_curto'],
  });
  t.match(reader.read(utterance(2), heard('quero (tosse) xarope')), {
    text: 'quero xarope',
    type: 'valid',
    filters: [{ rule: 'entre_parenteses', removed: '(tosse)' }],
  });
});

t.test('nothing heard, nobody to ask, and lost are three different rows', async (t) => {
  const reader = reads(false);
  const type = (outcome: Partial<ReturnType<typeof heardAt>>) =>
    reader.read(utterance(1), heardAt(clock, '', outcome)).type;
  t.equal(type({ status: 'empty' }), 'discarded_empty');
  t.equal(type({ status: 'no_provider', transcript: null }), 'sem_provedor');
  const decision = { rule: 'orcamento', version: 1, mode: 'segment' as const, candidates: [], rejected: [] };
  t.equal(type({ status: 'no_provider', transcript: null, decision }), 'orcamento');
  t.equal(type({ status: 'lost', transcript: null }), 'perdida');
});

t.test('the overlap of a forced cut is said once; elsewhere people may repeat themselves', async (t) => {
  const reader = reads(false);
  reader.read(utterance(1), heard('eu queria um remédio para dor'));
  t.match(reader.read(utterance(2, true), heard('para dor de cabeça')), {
    text: 'de cabeça',
    rules: ['sobreposicao'],
    filters: [{ rule: 'sobreposicao', removed: 'para dor' }],
  });
  t.equal(reader.read(utterance(3), heard('de cabeça mesmo')).text, 'de cabeça mesmo');
});

t.test('the sound of one that goes on repeats, its words do not: nothing is taken away', async (t) => {
  const reader = reads(false);
  reader.read(utterance(1), heard('não pode ser, não'));
  t.match(reader.read(utterance(2, true), heardAt(clock, 'não tomei nada', { continues: true })), {
    text: 'não tomei nada',
    rules: [],
  });
});

t.test('a late answer does not come between the two sides of a cut', async (t) => {
  const reader = reads(false);
  reader.read(utterance(2), heard('eu queria um remédio para dor'));
  reader.read(utterance(1), heard('bom dia moça'));
  t.equal(reader.read(utterance(3, true), heard('para dor de cabeça')).text, 'de cabeça');
});

t.test('a simulated sentence is marked and not filtered', async (t) => {
  const reader = reads(true);
  t.match(reader.read(utterance(1), heard('[SIMULADO] Bom dia')), {
    text: '[SIMULADO] Bom dia',
    type: 'mock_voice',
    feedback: 'mock_voice',
  });
});
