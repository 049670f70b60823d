import t from 'tap';
import type { Recommendation } from '../../../core/pharmacy/recommend.ts';
import { tones } from '../../helpers/ear.ts';
import { settle } from '../../helpers/manual-clock.ts';
import { oneItem, talkingCounter } from '../../helpers/talking-counter.ts';

/** One utterance that ends by itself. */
const SPOKEN = tones([0.5, 0], [1, 0.3], [1.5, 0]);
const TEN_WORDS = 'bom dia estou com muita dor de cabeça desde ontem';

/** A model that answers when the test says so. */
function model() {
  const calls: ((answer: Recommendation) => void)[] = [];
  return {
    calls,
    recommends: () => new Promise<Recommendation>((resolve) => calls.push(resolve)),
  };
}

t.test('one call at a time: what is said meanwhile waits for it and is asked about next', async (t) => {
  const { calls, recommends } = model();
  const counter = talkingCounter(t, { recommends });
  for (let times = 0; times < 3; times++) await counter.says(SPOKEN);
  t.equal(calls.length, 1);
  calls[0]?.(oneItem());
  await counter.clock.advance(0);
  t.equal(calls.length, 2);
  calls[1]?.(oneItem());
  await counter.clock.advance(0);
  t.match(counter.rows(), [
    { gate: { segmentos: [1] } },
    { recommendation: null, transcript: TEN_WORDS },
    { gate: { segmentos: [2, 3] }, transcript: `${TEN_WORDS} ${TEN_WORDS}` },
  ]);
  await counter.conversation.end('disconnect');
});

t.test('a few words are asked about five seconds after they waited', async (t) => {
  const counter = talkingCounter(t, { hears: () => 'quero vitamina' });
  await counter.says(SPOKEN);
  t.equal(counter.asked(), 0);
  await counter.clock.advance(5000);
  t.equal(counter.asked(), 1);
  t.equal(counter.transport.sent.length, 1);
  await counter.conversation.end('disconnect');
  t.equal(counter.clock.pending, 0);
});

t.test('nothing to suggest is stored as such, and nothing is sent', async (t) => {
  const counter = talkingCounter(t, { recommends: async () => oneItem({ items: [] }) });
  await counter.says(SPOKEN);
  t.same(counter.transport.sent, []);
  t.match(counter.rows(), [{ recommendation: 'Nenhuma', gate: { entrega: 'nada_a_sugerir' } }]);
  t.match(counter.cards, [{ delivery: 'nada_a_sugerir', card: null }]);
  await counter.conversation.end('disconnect');
});

t.test("one customer's card is not shown to the next", async (t) => {
  const { calls, recommends } = model();
  const counter = talkingCounter(t, { recommends, cardMaxAgeMs: 600_000 });
  await counter.says(SPOKEN);
  await counter.clock.advance(46_000);
  await counter.says(SPOKEN);
  calls[0]?.(oneItem());
  await settle();
  t.same(counter.transport.sent, []);
  t.match(counter.rows(), [{ gate: { entrega: 'outra_conversa' } }, { gate: null }]);
  await counter.clock.advance(0);
  calls[1]?.(oneItem());
  await settle();
  t.match(counter.transport.sent, [{ interacao_id: 2, transcricao_base: TEN_WORDS }]);
  await counter.conversation.end('disconnect');
});

t.test('a turn that fails is logged by its code, and the next one is taken', async (t) => {
  let calls = 0;
  const counter = talkingCounter(t, {
    recommends: async () => {
      calls += 1;
      if (calls === 1) throw Object.assign(new Error(TEN_WORDS), { code: 'BALTO_X' });
      return oneItem();
    },
  });
  await counter.says(SPOKEN);
  t.match(counter.log.lines.join(), /BALTO_X/);
  t.notMatch(counter.log.lines.join(), /cabeça/);
  await counter.says(SPOKEN);
  t.match(counter.transport.sent, [{ interacao_id: 2 }]);
  await counter.conversation.end('disconnect');
});

t.test('a drain asks about what waits and sends the card; a counter that is gone is not asked about', async (t) => {
  for (const [why, asked] of [
    ['drain', 1],
    ['client_end', 1],
    ['disconnect', 0],
  ] as const) {
    const counter = talkingCounter(t, { hears: () => 'quero vitamina' });
    await counter.says(SPOKEN);
    await counter.conversation.end(why);
    t.equal(counter.asked(), asked, why);
    t.equal(counter.transport.sent.length, asked, why);
    t.equal(counter.rows().length, 1, why);
  }
});

t.test('MOCK_RECOMMENDATION: words gather, nobody is asked, and no timer spins', async (t) => {
  const counter = talkingCounter(t, { neverRecommend: true });
  for (let times = 0; times < 3; times++) await counter.says(SPOKEN);
  await counter.clock.advance(60_000);
  t.equal(counter.asked(), 0);
  t.equal(counter.rows().length, 3);
  await counter.conversation.end('drain');
  t.equal(counter.clock.pending, 0);
});

t.test('the waterfall adds up to the way from the end of speech to the socket', async (t) => {
  const { calls, recommends } = model();
  const counter = talkingCounter(t, { recommends });
  await counter.says(SPOKEN);
  const tsAiRequest = counter.clock.date();
  await counter.clock.advance(700);
  calls[0]?.(oneItem({ tsAiRequest, tsAiResponse: counter.clock.date() }));
  await settle();
  const [card] = counter.cards;
  t.match(card, { delivery: 'enviado', waterfall: { hangOver: 900, stt: 0, sent: 0 } });
  const { decode = 0, vad = 0, hangOver = 0, stt = 0, context = 0, llm = 0, gate = 0 } = card?.waterfall ?? {};
  t.ok(decode >= 0 && vad >= 0);
  t.ok(hangOver + stt + context + llm + gate >= 900 + 700);
  await counter.conversation.end('disconnect');
});
