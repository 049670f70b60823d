import { sql, type Transaction } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import type { DraftCanary } from './config-drafts-table.ts';
import type { ConfigItem } from './config-table.ts';
import type { Tables } from './tables.ts';
import { toJson } from './text.ts';

/** Where a draft is to be in force first. */
export type NewCanary = Pick<DraftCanary, 'counterIds' | 'of'> & { draftId: string };

/** The draft became this version. @throws BaltoError `BALTO_CONFIG_DRAFT_USED` (409). */
export async function closeDraft(trx: Transaction<Tables>, id: string, version: number): Promise<void> {
  const closed = await trx
    .updateTable('config_drafts')
    .set({ state: 'active', activated_version: version })
    .where('id', '=', id)
    .where('state', 'in', ['open', 'valid'])
    .executeTakeFirst();
  if (closed.numUpdatedRows !== 1n) throw usedDraft();
}

/** The draft is in force at some counters since this version. @throws BaltoError `BALTO_CONFIG_DRAFT_USED` (409). */
export async function noteCanary(
  trx: Transaction<Tables>,
  { draftId, counterIds, of }: NewCanary,
  version: number,
  at: Date,
): Promise<void> {
  const canary: DraftCanary = { counterIds, of, version, at: at.toISOString() };
  const noted = await trx
    .updateTable('config_drafts')
    .set({ canary: toJson(canary), base_version: version })
    .where('id', '=', draftId)
    .where('state', '=', 'valid')
    .where('canary', 'is', null)
    .executeTakeFirst();
  if (noted.numUpdatedRows !== 1n) throw usedDraft();
}

/** Drafts that are in force at some counters only. */
export async function draftsOnTrial(trx: Transaction<Tables>): Promise<ReadonlySet<string>> {
  const rows = await trx
    .selectFrom('config_drafts')
    .select('id')
    .where('canary', 'is not', null)
    .where('state', 'in', ['open', 'valid', 'refused'])
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Without what counters tried of drafts whose trial is over: nobody could take it back from them. */
export function withoutEnded(items: readonly ConfigItem[], onTrial: ReadonlySet<string>): ConfigItem[] {
  return items.filter(({ counterId, value }) => {
    const draft = (value as { draft?: unknown } | null)?.draft;
    return counterId === null || typeof draft !== 'string' || onTrial.has(draft);
  });
}

/** Drafts, of one client or of all, that were not on trial yet in this version are so no more: their counters went back. */
export async function endTrialsSince(trx: Transaction<Tables>, version: number, clientId?: string): Promise<void> {
  let query = trx
    .updateTable('config_drafts')
    .set({ canary: null })
    .where('state', 'in', ['open', 'valid', 'refused'])
    .where(sql<boolean>`(canary->>'version')::int > ${version}`);
  if (clientId !== undefined) query = query.where('cliente_id', '=', clientId);
  await query.execute();
}

function usedDraft(): BaltoError {
  return new BaltoError({
    code: 'BALTO_CONFIG_DRAFT_USED',
    message: 'Este rascunho não existe, já entrou em vigor ou em prova, ou foi recusado ou abandonado.',
    statusCode: 409,
  });
}
