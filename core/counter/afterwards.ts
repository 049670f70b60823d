import type { SttOutcome } from '../runtime/types.ts';
import type { Interaction } from '../store/interaction.ts';
import type { SessionDeps } from './deps.ts';
import type { RowOrigin } from './row.ts';
import { storeShadow } from './shadow.ts';
import { storeVoice } from './voice-ear.ts';

/** Stores what comes after an utterance's row: what a second provider heard, who spoke, and its sound where that is kept. */
export async function storeAfterwards(
  deps: Pick<SessionDeps, 'append' | 'prices' | 'keepAudio'>,
  origin: RowOrigin,
  row: Interaction,
  outcome: SttOutcome,
): Promise<void> {
  const kept = deps.keepAudio({ ...origin, id: row.id, at: row.timestamp }, outcome);
  await Promise.all([storeShadow(deps, origin, row, outcome), storeVoice(deps, row, outcome), kept]);
}
