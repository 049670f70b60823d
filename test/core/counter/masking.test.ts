import t from 'tap';
import type { TranscriberEvents } from '../../../core/counter/deps.ts';
import { Masking } from '../../../core/counter/masking.ts';
import { loadPharmacyData } from '../../../core/pharmacy/data.ts';
import { loadPrivacyData } from '../../../core/privacy/data.ts';
import type { Attempt } from '../../../core/runtime/types.ts';
import { quietLog } from '../../helpers/databases.ts';
import { tones } from '../../helpers/ear.ts';
import { ManualClock, settle } from '../../helpers/manual-clock.ts';
import { talkingCounter } from '../../helpers/talking-counter.ts';

const SPOKEN = tones([0.5, 0], [1, 0.3], [1.5, 0]);
/** What must be nowhere: in pieces, as it was said. */
const SECRETS = ['529', '982.247', 'oito dois dois', 'Jurandir', 'jurandir', '98765'];

const ATTEMPT: Attempt = {
  address: 'stt/outra:m',
  purpose: 'shadow',
  mode: 'batch',
  outcome: 'answered',
  startedAt: '2026-11-21T12:00:00.000Z',
  queueMs: 0,
  durationMs: 900,
  firstByteMs: 0,
  replayedMs: 0,
  usage: [],
  costMicroUsd: 25,
};

t.test('nothing that leaves a conversation tells who was speaking', async (t) => {
  const counter = talkingCounter(t, { hears: () => null });
  const seen: unknown[] = [];
  const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  const see = (told: object) => seen.push(JSON.stringify(told, text));
  counter.observer.on('utterance', see).on('partial', see).on('card', see);
  await counter.says(SPOKEN);
  const other = 'meu nome é Jurandir, cpf 529.982.247-25';
  const shadow = Promise.resolve({ text: other, attempt: ATTEMPT, at: new Date() });
  const said = 'meu nome é Jurandir e o cpf é 529.982.247-25 (529 982), quero um remédio para dor de cabeça';
  const words = said.split(' ').map((word, index) => ({ text: word, startMs: index, endMs: index + 1 }));
  counter.answer(1, said, { shadow, transcript: { text: said, language: 'pt-BR', model: 'm', words } });
  await settle();
  await counter.says(SPOKEN);
  counter.answer(2, 'e o telefone é onze 98765');
  await counter.says(SPOKEN);
  counter.answer(3, 'quatro três dois um');
  await counter.conversation.end('client_end');
  await settle();
  const kept = JSON.stringify([counter.entries, seen, counter.transport.sent, counter.log], text);
  for (const secret of SECRETS) t.notOk(kept.includes(secret), secret);
  const compared = counter.entries.find(({ type }) => type === 'shadow');
  t.match(compared, { shadow: { text: 'meu nome é [NOME], cpf [CPF]', answer: { text: /\[NOME\].*\[CPF\]/ } } });
  t.match(counter.rows(), [
    {
      gate: {
        filtros: [
          { rule: 'entre_parenteses', removed: '([NÚMERO])' },
          { rule: 'dados_pessoais', mascarados: { NOME: 1, CPF: 1, NUMERO: 1 } },
        ],
      },
    },
    {},
    { transcript: /\[TELEFONE\]/ },
  ]);
});

t.test('a device is shown no partial that tells who is speaking', async (t) => {
  let events: TranscriberEvents | undefined;
  const partials: string[] = [];
  const feed = { push: () => {}, cancel: () => {}, end: () => new Promise<never>(() => {}) };
  const counter = talkingCounter(t, {
    transcriber: (given) => {
      events = given;
      return { begin: () => ({ mode: 'segment', feed }), finish: () => {}, close: async () => {} };
    },
  });
  counter.observer.on('partial', ({ text }) => partials.push(text));
  events?.partial(1, 'meu nome é Jurandir e o cpf é cinco dois');
  t.same(partials, ['meu nome é [NOME] e o cpf é [CPF]']);
});

t.test(
  'a new employee is known at once, or within a minute, and a failing database takes nothing else away',
  async (t) => {
    const clock = new ManualClock();
    const employees: string[] = [];
    let isAway = false;
    const masking = new Masking({
      data: loadPrivacyData(),
      common: ['Soro fisiológico'],
      source: {
        employees: async () => {
          if (isAway) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
          return employees;
        },
        async *products() {
          yield ['Kolene creme'];
        },
      },
      clock,
      log: quietLog,
    });
    await masking.load('a');
    const masker = masking.of('a');
    t.equal(masker.next('chama a Crisleide').text, 'chama a Crisleide');
    employees.push('Crisleide Wanzeler');
    await clock.advance(60_000);
    await masking.load('a');
    t.equal(masker.next('chama a crisleide, quero Kolene').text, 'chama a [NOME], quero Kolene');
    t.equal((await masking.once('b', 'chama a Crisleide, meu nome é Ana')).text, 'chama a [NOME], meu nome é [NOME]');
    employees.push('Ronivon');
    masking.changed('a');
    await masking.load('a');
    t.equal(masker.next('e o Ronivon?').text, 'e o [NOME]?');
    isAway = true;
    await clock.advance(60_000);
    t.equal((await masking.once('a', 'cpf 529.982.247-25 da Crisleide')).text, 'cpf [CPF] da [NOME]');
  },
);

t.test('no product or substance that is known is taken for somebody, wherever it stands', async (t) => {
  const { starter, otc } = loadPharmacyData();
  const names = [...starter.itens.map(({ nome }) => nome), ...otc.names.spoken.map(({ text }) => text)];
  const source = { employees: async () => [], async *products() {} };
  const masking = new Masking({
    data: loadPrivacyData(),
    common: names,
    source,
    clock: new ManualClock(),
    log: quietLog,
  });
  const masker = masking.of('a');
  const taken = names.filter((name) => {
    const said = [
      `para o senhor ${name}`,
      `Seu ${name} chegou`,
      `sou a favor de ${name}`,
      `Tem ${name}, dona?`,
      `aqui é ${name}`,
    ];
    return said.some((text) => masker.beside(text).text !== text);
  });
  t.same(taken, []);
  t.ok(names.length > 500, `${names.length}`);
});
