import t from 'tap';
import type { Recommendation } from '../../../core/pharmacy/recommend.ts';
import type { Attempt, Decision } from '../../../core/runtime/types.ts';
import { tones } from '../../helpers/ear.ts';
import { settle } from '../../helpers/manual-clock.ts';
import { bytesOf, oneItem, talkingCounter } from '../../helpers/talking-counter.ts';

/** One utterance that ends by itself. */
const SPOKEN = tones([0.5, 0], [1, 0.3], [1.5, 0]);

t.test('an utterance becomes a row, then a card, then the time at which it was sent', async (t) => {
  const counter = talkingCounter(t);
  await counter.says(SPOKEN);
  t.same(
    counter.entries.map(({ type }) => type),
    ['interaction', 'patch', 'sent'],
  );
  t.match(counter.transport.sent, [{ comando: 'recomendar', produto: 'Soro fisiológico', interacao_id: 1 }]);
  t.match(counter.rows(), [{ recommendation: 'S: Soro fisiológico', gate: { entrega: 'enviado', segmentos: [1] } }]);
  await counter.conversation.end('disconnect');
});

t.test('what follows a pause of the device begins a new utterance with its first sample', async (t) => {
  const counter = talkingCounter(t, { neverRecommend: true });
  await counter.says(tones([0.5, 0], [1, 0.3]));
  await counter.clock.advance(4000);
  await counter.says(tones([1, 0.3], [1.5, 0]));
  await counter.conversation.end('disconnect');
  const rows = counter.rows();
  t.match(rows, [{ cutReason: 'gap' }, { cutReason: 'silence_end' }]);
  t.ok((rows[1]?.segmentDurationMs ?? 0) >= 1900, `${rows[1]?.segmentDurationMs} ms: 1 s of speech and its silence`);
});

t.test('what is heard while paused is dropped, and the samples after it are whole', async (t) => {
  const counter = talkingCounter(t, { neverRecommend: true });
  const bytes = bytesOf(tones([0.5, 0], [2, 0.3], [1, 0.3], [1.5, 0]));
  const send = async (from: number, to: number) => {
    counter.conversation.audio(bytes.subarray(from, to));
    await counter.clock.advance((to - from) / 32);
  };
  await send(0, 16_001);
  counter.conversation.command({ comando: 'pausar' });
  const frames = counter.vadFrames();
  await send(16_001, 60_000);
  t.equal(counter.vadFrames(), frames, 'nothing is decoded, and no detector hears it');
  t.equal(counter.feeds.size, 0, 'nor does any vendor');
  counter.conversation.command({ comando: 'retomar' });
  for (let at = 60_000; at < bytes.length; at += 8000) await send(at, Math.min(bytes.length, at + 8000));
  await counter.conversation.end('disconnect');
  t.match(counter.rows(), [{ segment: 1, cutReason: 'silence_end' }]);
  const heard = counter.feeds.get(1)?.pcm ?? [];
  const all = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  t.same(heard, [...all.subarray(30_000, 30_000 + heard.length)], 'from the first byte after the pause on');
});

t.test(
  'a counter that leaves during the call: the card is stored unsent, and the model is not asked again',
  async (t) => {
    const answer = Promise.withResolvers<Recommendation>();
    const counter = talkingCounter(t, { recommends: () => answer.promise });
    await counter.says(SPOKEN);
    await counter.says(SPOKEN);
    t.equal(counter.asked(), 1);
    const ended = counter.conversation.end('disconnect');
    await settle();
    answer.resolve(oneItem());
    await ended;
    t.same(counter.transport.sent, []);
    t.match(counter.rows(), [
      { recommendation: 'S: Soro fisiológico', gate: { entrega: 'balcao_ausente' } },
      { recommendation: null, gate: null },
    ]);
    t.equal(counter.asked(), 1);
  },
);

t.test('a counter that leaves in mid-utterance: what it said is stored, and the model is not asked', async (t) => {
  const counter = talkingCounter(t);
  await counter.says(tones([0.5, 0], [1, 0.3]));
  await counter.conversation.end('disconnect');
  t.match(counter.rows(), [{ cutReason: 'disconnect', interactionType: 'valid', recommendation: null, gate: null }]);
  t.equal(counter.asked(), 0);
});

t.test('a card that the socket does not take any more is not said to have been sent', async (t) => {
  const counter = talkingCounter(t);
  counter.transport.isOpen = false;
  await counter.says(SPOKEN);
  t.match(counter.rows(), [
    { recommendation: 'S: Soro fisiológico', gate: { entrega: 'balcao_ausente', segmentos: [1] } },
  ]);
  t.match(counter.cards, [{ delivery: 'balcao_ausente' }]);
  await counter.conversation.end('disconnect');
});

t.test('what could not be stored is not answered, also when the journal has room again', async (t) => {
  let isFull = true;
  const counter = talkingCounter(t, {
    hears: (segment) => (segment === 1 ? 'estou com dor' : 'e também com muita tosse'),
    disk: ({ type }) => {
      if (isFull && type === 'interaction')
        throw Object.assign(new Error('cheio'), { code: 'BALTO_STORE_JOURNAL_FULL' });
    },
  });
  await counter.says(SPOKEN);
  isFull = false;
  await counter.clock.advance(10_000);
  t.same(counter.transport.sent, []);
  t.equal(counter.asked(), 0, 'nobody is asked about what is not stored');
  t.match(counter.log.lines.join(), /BALTO_STORE_JOURNAL_FULL/);
  await counter.says(SPOKEN);
  await counter.conversation.end('drain');
  t.match(counter.transport.sent, [{ interacao_id: 2 }]);
  t.match(counter.rows(), [{ id: 2, segment: 2, recommendation: 'S: Soro fisiológico' }]);
});

t.test('a card whose patch cannot be stored is not sent', async (t) => {
  const counter = talkingCounter(t, {
    disk: ({ type }) => {
      if (type === 'patch') throw Object.assign(new Error('cheio'), { code: 'BALTO_STORE_JOURNAL_FULL' });
    },
  });
  await counter.says(SPOKEN);
  t.equal(counter.asked(), 1);
  t.same(counter.transport.sent, []);
  await counter.conversation.end('disconnect');
});

t.test('a late answer is stored at its place and triggers nothing', async (t) => {
  const counter = talkingCounter(t, {
    hears: (segment) => (segment === 1 ? null : 'bom dia estou com muita dor de cabeça desde ontem'),
  });
  await counter.says(SPOKEN);
  await counter.says(SPOKEN);
  await counter.clock.advance(5000);
  t.match(counter.transport.sent, [{ interacao_id: 1 }], 'the second went ahead after 5 s');
  counter.answer(1, 'tem remédio para tosse seca que não dê sono nenhum mesmo');
  await counter.clock.advance(10_000);
  t.equal(counter.asked(), 1);
  t.match(counter.rows(), [
    { segment: 2, idempotencyKey: `${counter.conversation.sessionId}:2` },
    { segment: 1, recommendation: null },
  ]);
  await counter.conversation.end('disconnect');
});

t.test('a card older than it may be is stored and not sent', async (t) => {
  const answer = Promise.withResolvers<Recommendation>();
  const counter = talkingCounter(t, { recommends: () => answer.promise });
  await counter.says(SPOKEN);
  await counter.clock.advance(20_000);
  answer.resolve(oneItem());
  await settle();
  t.same(counter.transport.sent, []);
  t.match(counter.rows(), [{ gate: { entrega: 'antigo' }, tsClientSent: null }]);
  await counter.conversation.end('disconnect');
});

t.test('fim: what was heard so far is cut, answered and sent, and the connection goes on', async (t) => {
  const counter = talkingCounter(t, { hears: () => 'quero vitamina' });
  await counter.says(tones([0.5, 0], [1, 0.3]));
  counter.conversation.command({ comando: 'fim' });
  await settle();
  t.match(counter.rows(), [{ cutReason: 'client_end' }]);
  t.equal(counter.transport.sent.length, 1, 'two words are enough when the device says that it is over');
  await counter.says(SPOKEN);
  t.equal(counter.rows().length, 2);
  await counter.conversation.end('disconnect');
});

t.test('a client that sends a day at once is read at four times real time, and leaves no timer behind', async (t) => {
  const counter = talkingCounter(t, { neverRecommend: true });
  counter.conversation.audio(bytesOf(tones([70, 0])));
  t.equal(counter.transport.pauses, 1);
  await counter.clock.advance(9999);
  t.equal(counter.transport.resumes, 0);
  await counter.clock.advance(1);
  t.equal(counter.transport.resumes, 1);
  counter.conversation.audio(bytesOf(tones([70, 0])));
  await counter.conversation.end('disconnect');
  t.equal(counter.clock.pending, 0);
});

t.test('each time in a row is at or after the one before it, also when the wall clock is set back', async (t) => {
  const counter = talkingCounter(t, {
    recommends: async () => {
      const past = new Date(Date.UTC(2020, 0, 1));
      return oneItem({ tsAiRequest: past, tsAiResponse: past });
    },
  });
  await counter.says(SPOKEN);
  const [row] = counter.rows();
  const times = [
    row?.tsSpeechEnd,
    row?.tsAudioReceived,
    row?.tsTranscriptionSent,
    row?.tsTranscriptionReady,
    row?.tsAiRequest,
    row?.tsAiResponse,
    row?.tsClientSent,
  ].map((time) => time?.getTime() ?? Number.NaN);
  for (let index = 1; index < times.length; index++)
    t.ok((times[index] ?? 0) >= (times[index - 1] ?? 0), `time ${index}`);
  await counter.conversation.end('disconnect');
});

t.test('what nobody answered within the bounds is stored as lost, counted, and said once', async (t) => {
  const counter = talkingCounter(t, { hears: () => null });
  const lost: unknown[] = [];
  counter.observer.on('lost', (loss) => lost.push(loss));
  await counter.says(SPOKEN);
  counter.answer(1, '', { status: 'lost', transcript: null, address: null, lostMs: 1950 });
  await counter.conversation.end('disconnect');
  t.match(counter.rows(), [
    { interactionType: 'perdida', transcript: null, decision: { status: 'lost', lostMs: 1950 }, recommendation: null },
  ]);
  t.match(lost, [{ counterId: 'balcao', segment: 1, lostMs: 1950 }]);
  t.equal(lost.length, 1);
  t.equal(counter.log.lines.filter((line) => line.includes('audio lost')).length, 1);
  t.equal(counter.asked(), 0);
});

t.test(
  'the row says how it was decided, and each attempt with its outcome, its time and what it was for',
  async (t) => {
    const counter = talkingCounter(t, { hears: () => null, neverRecommend: true });
    await counter.says(SPOKEN);
    const attempt: Attempt = {
      address: 'stt/a:m',
      purpose: 'answer',
      mode: 'batch',
      outcome: 'aborted',
      startedAt: '2026-11-21T12:00:01.000Z',
      error: { code: 'aborted', blame: 'core' },
      queueMs: 3,
      durationMs: 700,
      firstByteMs: 1,
      replayedMs: 0,
      usage: [{ unit: 'second', quantity: 1, of: 'audio_in', model: 'm' }],
      costMicroUsd: 10,
    };
    const { error: _none, ...well } = attempt;
    const decision: Decision = {
      rule: 'longas',
      version: 12,
      mode: 'segment',
      candidates: ['stt/a:m', 'stt/b'],
      rejected: [{ address: 'stt/c', reason: 'sem chave' }],
      hedge: true,
      shadow: { address: 'stt/d', share: 0.1 },
    };
    counter.answer(1, 'bom dia', {
      decision,
      address: 'stt/b',
      attempts: [{ ...well, address: 'stt/b', purpose: 'hedge', outcome: 'answered' }, attempt],
    });
    await counter.conversation.end('disconnect');
    const [row] = counter.rows();
    t.match(row?.decision, {
      ...decision,
      status: 'answered',
      address: 'stt/b',
      lostMs: 0,
      attempts: [
        { address: 'stt/b', purpose: 'hedge', outcome: 'answered', startedAt: String, durationMs: 700, queueMs: 3 },
        { address: 'stt/a:m', purpose: 'answer', outcome: 'aborted', error: { code: 'aborted' } },
      ],
    });
    const [entry] = counter.entries;
    t.match(entry?.type === 'interaction' ? entry.usage : [], [
      { provider: 'stt/b', purpose: 'hedge' },
      { provider: 'stt/a:m', purpose: 'answer' },
    ]);
  },
);
