import { sql, type Transaction } from 'kysely';
import type { Interaction, JournalEntry, UsageEntry } from './interaction.ts';
import { insertInteractions, patchInteraction } from './interactions.ts';
import { insertShadow } from './shadow.ts';
import type { Tables } from './tables.ts';
import { insertUsage } from './usage.ts';

/** The largest id the column holds: what a device says may be anything. */
const MAX_ID = 2_147_483_647;

/** Applies entries in order. Applying one again changes nothing. */
export async function applyEntries(trx: Transaction<Tables>, entries: JournalEntry[]): Promise<void> {
  let rows: Interaction[] = [];
  let usage: UsageEntry[] = [];
  const flush = async (): Promise<void> => {
    await insertInteractions(trx, rows);
    await insertUsage(trx, usage);
    rows = [];
    usage = [];
  };
  for (const entry of entries) {
    if (entry.type === 'interaction') {
      rows.push(entry.interaction);
      usage.push(...entry.usage);
      continue;
    }
    if (entry.type === 'usage') {
      usage.push(...entry.usage);
      continue;
    }
    await flush();
    await applyChange(trx, entry);
  }
  await flush();
}

async function applyChange(
  trx: Transaction<Tables>,
  entry: Exclude<JournalEntry, { type: 'interaction' | 'usage' }>,
): Promise<void> {
  if (!Number.isInteger(entry.interactionId) || Math.abs(entry.interactionId) > MAX_ID) return;
  if (entry.type === 'patch') {
    await patchInteraction(trx, entry.interactionId, entry.fields);
    await insertUsage(trx, entry.usage);
  } else if (entry.type === 'shadow') {
    await insertShadow(trx, entry.interactionId, entry.shadow);
    await insertUsage(trx, entry.usage);
  } else if (entry.type === 'sent') {
    // A card is repeated after a reconnection: the first time it was written is the one that counts.
    await trx
      .updateTable('interacoes')
      .set({
        ts_client_sent: entry.at,
        // One that waited for its device to come back does not wait any more.
        portao: sql`case when portao->>'entrega' = 'aguarda_retomada'
          then jsonb_set(portao, '{entrega}', '"enviado"') else portao end`,
      })
      .where('id', '=', entry.interactionId)
      .where('ts_client_sent', 'is', null)
      .execute();
  } else {
    await trx
      .updateTable('interacoes')
      .set({ resultado_feedback: entry.result })
      .where('id', '=', entry.interactionId)
      .where('balcao_id', '=', entry.counterId)
      .execute();
  }
}
