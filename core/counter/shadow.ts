import type { SttOutcome } from '../runtime/types.ts';
import type { Interaction } from '../store/interaction.ts';
import type { SessionDeps } from './deps.ts';
import { type RowOrigin, usageEntries } from './row.ts';

/**
 * Stores what a second provider made of an utterance, once that is there: after its row, also when the session has ended
 * meanwhile. Rejects when it cannot be journalled.
 */
export async function storeShadow(
  { append, prices }: Pick<SessionDeps, 'append' | 'prices'>,
  origin: RowOrigin,
  row: Interaction,
  outcome: SttOutcome,
): Promise<void> {
  const heard = await outcome.shadow;
  if (!heard || outcome.address === null) return;
  const { attempt, text, at } = heard;
  const idempotencyKey = `${row.idempotencyKey}:shadow`;
  await append({
    type: 'shadow',
    interactionId: row.id,
    shadow: {
      idempotencyKey,
      clientId: origin.clientId,
      at,
      answer: { provider: outcome.address, text: outcome.transcript?.text ?? '' },
      provider: attempt.address,
      model: attempt.model ?? null,
      outcome: attempt.outcome,
      text,
      errorCode: attempt.error?.code ?? null,
      durationMs: attempt.durationMs,
      costMicroUsd: attempt.costMicroUsd,
    },
    usage: usageEntries(origin, row.id, 'stt', [attempt], at, idempotencyKey, prices),
  });
}
