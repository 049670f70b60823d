import type { Interaction } from '../store/interaction.ts';
import type { LegacyAdded, LegacyClient, LegacyConflict, LegacyRows } from '../store/legacy-rows.ts';
import type { WallClock } from '../wall-clock.ts';
import { type LegacyHouse, noteUnreadable, readHouse } from './clients.ts';
import { INTERACTION_SOURCE_COLUMNS, type InteractionContext, interactionOf } from './interactions.ts';
import { emptyReport, type LegacyReport, MOST_LISTED, note } from './report.ts';
import { columnsOf, type LegacySource, pagesOf, type SourceRow } from './source.ts';
import type { Complain } from './values.ts';
import type { VoiceProblem } from './voices.ts';

/** What an import needs of the house. */
export interface LegacyDeps {
  rows: LegacyRows;
  /** Makes a client's 6-digit code. */
  newCode(clientId: string): Promise<string | null>;
  /** What takes personal data out of what was said at a client's counters. */
  masker(clientId: string): Promise<(text: string) => string>;
  /** Takes the voice of an employee from a recording; absent: none is at hand, and all must be recorded again. */
  enrol?(employee: { clientId: string; employeeId: number; fileName: string | null }): Promise<VoiceProblem>;
}

export interface LegacyImportOptions {
  /** Of the zone in which the original wrote its times. */
  clock: WallClock;
  /** Reads and checks everything, writes nothing. */
  dryRun: boolean;
}

/** Interactions written in one transaction: none holds the embedded database's one connection for long. */
const WRITTEN_AT_ONCE = 100;

const CONFLICTS: Record<LegacyConflict['why'], { code: string; field: string; message: string }> = {
  email: { code: 'BALTO_LEGACY_EMAIL_TAKEN', field: 'email', message: 'outro cliente do Balto tem este e-mail' },
  client: { code: 'BALTO_LEGACY_COUNTER_TAKEN', field: 'balcao_id', message: 'o balcão já é de outro cliente' },
  key: { code: 'BALTO_LEGACY_KEY_TAKEN', field: 'api_key', message: 'outro balcão do Balto tem esta chave' },
};

/**
 * Brings what the original holds into our tables: clients, counters with their keys, employees and shifts, one client at a
 * time and whole; then what was said, a hundred rows at a time. Broken off anywhere, it is simply begun again.
 * @throws BALTO_LEGACY_SOURCE where the source cannot be read; what is wrong with a row is in the report.
 */
export async function importLegacy(
  source: LegacySource,
  deps: LegacyDeps,
  options: LegacyImportOptions,
): Promise<LegacyReport> {
  const report = emptyReport(source.kind, options.dryRun);
  const house = await readHouse(source, options.clock, report);
  const employees = new Map<string, number>();
  for (const client of house.clients) {
    const added = await deps.rows.addClient(client, options);
    take(client, added, house, report);
    for (const { id, employeeId } of added.employees) employees.set(id, employeeId);
    await takeVoices(client, added, deps, options, report);
    if (added.client !== 'imported' || options.dryRun) continue;
    const code = await deps.newCode(client.clientId);
    if (code !== null) report.codes.push({ clientId: client.clientId, name: client.companyName, code });
  }
  const context: InteractionContext = {
    ownerOf: (counterId) => house.owners.get(counterId),
    employeeOf: (id) => employees.get(id),
    isNobody: (id) => house.nobodies.has(id),
    maskers: new Map(),
    clock: options.clock,
  };
  await importInteractions(source, deps, context, options, report);
  return report;
}

/** Writes into the report what became of a client; what was refused owns nothing any more. */
function take(client: LegacyClient, added: LegacyAdded, { owners }: LegacyHouse, report: LegacyReport): void {
  const { users, balcoes, funcionarios, funcionario_turnos } = report.tables;
  for (const { table, id, why } of added.conflicts) {
    note(report, { table, id, effect: 'refused', ...CONFLICTS[why] });
    if (table === 'balcoes') owners.delete(id);
  }
  if (added.client === null) {
    const message = 'o cliente foi recusado, e com ele tudo o que é dele';
    for (const { counterId: id } of client.counters) {
      owners.delete(id);
      note(report, {
        table: 'balcoes',
        id,
        field: 'user_id',
        effect: 'refused',
        code: 'BALTO_LEGACY_ORPHAN',
        message,
      });
    }
    funcionarios.refused += client.employees.length;
    return;
  }
  users[added.client] += 1;
  balcoes.imported += added.counters.imported.length;
  balcoes.existing += added.counters.existing.length;
  funcionario_turnos.imported += added.shifts;
  for (const { isNew } of added.employees) funcionarios[isNew ? 'imported' : 'existing'] += 1;
}

/** The stored vectors are another model's: voices come from their recordings, or must be recorded again. */
async function takeVoices(
  { clientId, employees }: LegacyClient,
  added: LegacyAdded,
  { enrol }: LegacyDeps,
  { dryRun }: LegacyImportOptions,
  report: LegacyReport,
): Promise<void> {
  const seen = new Set<number>();
  for (const { id, employeeId, needsVoice } of added.employees) {
    if (!needsVoice || seen.has(employeeId)) continue;
    seen.add(employeeId);
    const { name = '', audioFileName: fileName = null } = employees.find((each) => each.id === id) ?? {};
    if (enrol && !dryRun) {
      const problem = await enrol({ clientId, employeeId, fileName });
      if (problem === null) {
        report.voicesEnrolled += 1;
        continue;
      }
      note(report, { table: 'funcionarios', id, field: 'audio_file_name', effect: 'changed', ...problem });
    }
    if (report.voicesToEnrol.length < MOST_LISTED) report.voicesToEnrol.push({ clientId, employeeId, name });
  }
}

async function importInteractions(
  source: LegacySource,
  deps: LegacyDeps,
  context: InteractionContext,
  options: LegacyImportOptions,
  report: LegacyReport,
): Promise<void> {
  const columns = await columnsOf(source, 'interacoes', INTERACTION_SOURCE_COLUMNS);
  if (!columns) return;
  for await (const page of pagesOf(source, 'interacoes', columns)) {
    for (const id of page.unreadable) noteUnreadable(report, 'interacoes', id);
    for (const row of page.rows) await prepareMasker(row, deps, context);
    const read = page.rows.flatMap((row) => readInteraction(row, context, report) ?? []);
    for (let start = 0; start < read.length; start += WRITTEN_AT_ONCE) {
      const some = read.slice(start, start + WRITTEN_AT_ONCE);
      const added = await deps.rows.addInteractions(some, options);
      report.tables.interacoes.imported += added;
      report.tables.interacoes.existing += some.length - added;
    }
  }
}

async function prepareMasker(
  row: SourceRow,
  deps: LegacyDeps,
  { ownerOf, maskers }: InteractionContext,
): Promise<void> {
  const clientId = ownerOf(row['balcao_id'] ?? '');
  if (clientId !== undefined && !maskers.has(clientId)) maskers.set(clientId, await deps.masker(clientId));
}

function readInteraction(
  row: SourceRow,
  context: InteractionContext,
  report: LegacyReport,
): Omit<Interaction, 'id'> | null {
  let isRefused = false;
  const say = (effect: 'refused' | 'changed'): Complain => {
    return (field, code, message) => {
      // Of one row the first reason is enough.
      if (effect === 'refused' && isRefused) return;
      isRefused ||= effect === 'refused';
      note(report, { table: 'interacoes', id: row['id'] ?? '', field, effect, code, message });
    };
  };
  return interactionOf(row, context, say('refused'), say('changed'));
}
