import t from 'tap';
import { mockRecommendation, mockTranscriber } from '../../../core/counter/mock.ts';
import { cardMessage } from '../../../core/pharmacy/card.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { FACTS } from '../../helpers/runtime-house.ts';

const LATENCY = { minMs: 500, maxMs: 2000 };

t.test('every utterance is one labelled sentence, after the latency of a vendor', async (t) => {
  for (const [random, waitMs] of [
    [0, 500],
    [0.5, 1250],
    [1, 2000],
  ] as const) {
    const clock = new ManualClock();
    const feed = mockTranscriber(clock, () => random, LATENCY).begin(1).feed;
    feed.push(new Int16Array(480));
    const outcome = await clock.until(feed.end(FACTS));
    t.equal(clock.now(), waitMs);
    t.match(outcome, { status: 'answered', transcript: { text: /^\[SIMULADO\]/u }, vendor: 'simulado', lostMs: 0 });
    t.match(outcome, { costMicroUsd: 0, attempts: [], sentAtMs: 0, readyAtMs: waitMs });
  }
});

t.test('a simulated card says so in what the clerk reads', async (t) => {
  const clock = new ManualClock();
  const recommendation = await clock.until(mockRecommendation(clock, () => 0, LATENCY));
  const card = cardMessage(recommendation, { interactionId: 7, baseText: 'x', protocol: 1 });
  t.match(card, { produto: /^\[SIMULADO\]/u, interacao_id: 7, itens: [{ sugestao: /^\[SIMULADO\]/u }] });
  t.match(recommendation, { source: 'simulado', costMicroUsd: 0, attempts: [] });
  t.equal((recommendation.tsAiResponse?.getTime() ?? 0) - (recommendation.tsAiRequest?.getTime() ?? 0), 500);
});
