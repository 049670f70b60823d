import t from 'tap';
import type { ShadowHeard } from '../../../core/runtime/types.ts';
import { tones } from '../../helpers/ear.ts';
import { settle } from '../../helpers/manual-clock.ts';
import { talkingCounter } from '../../helpers/talking-counter.ts';

const HEARD: ShadowHeard = {
  attempt: {
    address: 'stt/outra:m',
    purpose: 'shadow',
    model: 'm',
    mode: 'batch',
    outcome: 'answered',
    startedAt: '2026-11-21T12:00:00.000Z',
    queueMs: 0,
    durationMs: 900,
    firstByteMs: 0,
    replayedMs: 0,
    usage: [{ unit: 'second', quantity: 2.5, of: 'audio_in', model: 'm' }],
    costMicroUsd: 25,
  },
  text: 'estou com a tosse',
  at: new Date('2026-11-21T12:00:05.000Z'),
};

t.test('a comparison is stored beside its row, also when the counter is gone by then', async (t) => {
  const counter = talkingCounter(t, { neverRecommend: true, hears: () => null });
  await counter.says(tones([0.5, 0], [1, 0.3], [1.5, 0]));
  const compared = Promise.withResolvers<ShadowHeard | null>();
  counter.answer(1, 'estou com tosse', { shadow: compared.promise });
  await counter.conversation.end('disconnect');
  t.same(
    counter.entries.map(({ type }) => type),
    ['interaction'],
    'nobody waited for it',
  );
  compared.resolve(HEARD);
  await settle();
  const [row, entry] = counter.entries;
  const key = row?.type === 'interaction' ? row.interaction.idempotencyKey : '';
  t.match(entry, {
    type: 'shadow',
    interactionId: 1,
    shadow: {
      idempotencyKey: `${key}:shadow`,
      clientId: 'cliente',
      answer: { provider: 'stt/a', text: 'estou com tosse' },
      provider: 'stt/outra:m',
      outcome: 'answered',
      text: 'estou com a tosse',
      durationMs: 900,
      costMicroUsd: 25,
    },
    usage: [{ idempotencyKey: `${key}:shadow:stt:0:0`, purpose: 'shadow', provider: 'stt/outra:m', quantity: 2.5 }],
  });
  t.equal(counter.entries.length, 2);
});

t.test('where nothing was compared nothing is stored', async (t) => {
  const counter = talkingCounter(t, { neverRecommend: true, hears: () => null });
  await counter.says(tones([0.5, 0], [1, 0.3], [1.5, 0]));
  counter.answer(1, 'estou com tosse', { shadow: Promise.resolve(null) });
  await counter.conversation.end('disconnect');
  await settle();
  t.equal(counter.entries.length, 1);
});
