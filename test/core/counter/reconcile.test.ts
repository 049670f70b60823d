import fc from 'fast-check';
import t from 'tap';
import { reconcile, segmentsToAsk } from '../../../core/counter/reconcile.ts';
import type { SavedConversation } from '../../../core/counter/saved-conversation.ts';
import type { Interaction } from '../../../core/store/interaction.ts';
import { interaction } from '../../helpers/interactions.ts';

const CLOCK = { nowMs: 100_000, wallMs: Date.parse('2026-11-21T12:00:10Z') };
const SECOND = 16_000;

function savedAt(
  position: number,
  segment: number,
  place: Partial<SavedConversation['place']> = {},
): SavedConversation {
  return {
    sessionId: 's',
    place: {
      point: { byte: 0, state: null },
      discard: 0,
      ear: { position, noise: 100, overlapFrames: 0 },
      gaps: [],
      pauses: [],
      stored: [],
      segment,
      lagMs: 0,
      ...place,
    },
    dialogue: {
      savedAtMs: CLOCK.wallMs - 2000,
      previous: { segment: 0, text: '' },
      context: {
        conversation: 1,
        boundaryMs: null,
        previousEndMs: null,
        waiting: [],
        history: [],
        urgent: null,
        lastSendAgoMs: null,
        waitingAgoMs: 0,
      },
      rows: [],
      cards: [],
    },
  };
}

function rowOf(segment: number, from: number, to: number, fields: Partial<Interaction> = {}): Interaction {
  const decision = { samples: [from, to], mode: 'segment' };
  return interaction({ id: segment, segment, transcript: `fala ${segment}`, decision, ...fields });
}

t.test('what a dead process stored is not heard again; what it left out is', async () => {
  const fates = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fates, fc.nat(5), (stored, skipped) => {
      const first = 1 + skipped;
      const position = skipped * SECOND;
      const rows = stored.flatMap((isStored, index) => {
        const segment = first + index;
        return isStored ? [rowOf(segment, (segment - 1) * SECOND, segment * SECOND)] : [];
      });
      const { place, dialogue } = reconcile(savedAt(position, first), rows, CLOCK);
      const run = stored.indexOf(false) < 0 ? stored.length : stored.indexOf(false);
      const isAt = place.ear.position === position + run * SECOND && place.segment === first + run;
      const isSample = place.discard === run * SECOND;
      const told = place.stored.map(({ segment }) => segment);
      const last = rows.at(-1)?.segment ?? 0;
      return (
        isAt &&
        isSample &&
        JSON.stringify(told) === JSON.stringify(rows.map(({ segment }) => segment)) &&
        dialogue.previous.segment === last &&
        dialogue.rows.length === rows.length
      );
    }),
  );
});

t.test('after a forced cut the end that the next utterance repeats is heard again', async (t) => {
  const row = rowOf(1, 0, 8 * SECOND, {
    cutReason: 'safety_limit',
    configSnapshot: JSON.stringify({ overlapFrames: 27 }),
  });
  const { place } = reconcile(savedAt(0, 1), [row], CLOCK);
  t.equal(place.ear.position, 8 * SECOND - 27 * 480);
  t.equal(place.ear.overlapFrames, 27);
  const streamed = { ...row, decision: { samples: [0, 8 * SECOND], mode: 'stream' } };
  t.equal(reconcile(savedAt(0, 1), [streamed], CLOCK).place.ear.position, 8 * SECOND, 'a long stream repeats nothing');
});

t.test('what was sent to the model waits no more; what was not, waits', async (t) => {
  const sent = rowOf(2, SECOND, 2 * SECOND, {
    transcript: 'fala 1 fala 2',
    gate: { segmentos: [1, 2] } as unknown as Interaction['gate'],
  });
  const rows = [rowOf(1, 0, SECOND), sent, rowOf(3, 2 * SECOND, 3 * SECOND)];
  const { context } = reconcile(savedAt(0, 1), rows, CLOCK).dialogue;
  t.same(
    context.waiting.map(({ segment }) => segment),
    [3],
  );
  t.match(context.history.at(-1), { segment: 2, text: 'fala 1 fala 2' });
});

t.test('what was thrown away, or has no place, is no talk', async (t) => {
  const discarded = rowOf(1, 0, SECOND, { interactionType: 'discarded_empty', transcript: 'ruído' });
  const nowhere = rowOf(2, 0, 0, { decision: null });
  const { place, dialogue } = reconcile(savedAt(0, 1), [discarded, nowhere], CLOCK);
  t.equal(place.ear.position, SECOND, 'heard all the same');
  t.same(dialogue.context.waiting, []);
  t.equal(dialogue.previous.text, '');
  t.same(
    place.stored.map(({ segment }) => segment),
    [1],
  );
});

t.test('rows are asked for of what waits and of what may have come since', async (t) => {
  const saved = savedAt(0, 7);
  saved.dialogue.context.waiting = [{ segment: 3, text: 'x', words: 1, endMs: 0 }];
  const asked = segmentsToAsk(saved);
  t.same(asked.slice(0, 3), [3, 7, 8]);
  t.equal(new Set(asked).size, asked.length);
  t.equal(asked.length, 101);
});
