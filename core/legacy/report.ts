import type { LegacyTable } from './source.ts';

/** How the rows of one table came through. */
export interface TableCount {
  /** Written now; in a dry run: would be. */
  imported: number;
  /** Were there already, from an earlier import. */
  existing: number;
  /** Not taken; `issues` says why. */
  refused: number;
}

/** Something about one row that whoever imports should know. */
export interface Issue {
  table: LegacyTable;
  /** The row's key in the original. */
  id: string;
  field: string | null;
  /** `refused`: the row is not imported; `changed`: it is, without what is said here. */
  effect: 'refused' | 'changed';
  code: string;
  /** pt-BR; quotes no value. */
  message: string;
}

/** What `balto import-legacy` answers. */
export interface LegacyReport {
  ok: boolean;
  source: 'postgres' | 'sqlite';
  dryRun: boolean;
  tables: Record<LegacyTable, TableCount>;
  /** New 6-digit codes, one per client that came now: shown here and never again. */
  codes: { clientId: string; name: string; code: string }[];
  /** Employees whose voice must be recorded again: their stored vectors are of another model. */
  voicesToEnrol: { clientId: string; employeeId: number; name: string }[];
  /** Employees whose voice was taken from `--audio-dir`. */
  voicesEnrolled: number;
  issues: Issue[];
  /** All of them by code, those left out of `issues` too. */
  issueCounts: Record<string, number>;
}

/** Issues and lists told in full; the rest is only counted: an answer stays readable, and under a megabyte. */
export const MOST_LISTED = 1000;

export function emptyReport(source: LegacyReport['source'], dryRun: boolean): LegacyReport {
  const none = (): TableCount => ({ imported: 0, existing: 0, refused: 0 });
  return {
    ok: true,
    source,
    dryRun,
    tables: {
      users: none(),
      balcoes: none(),
      funcionarios: none(),
      funcionario_turnos: none(),
      interacoes: none(),
    },
    codes: [],
    voicesToEnrol: [],
    voicesEnrolled: 0,
    issues: [],
    issueCounts: {},
  };
}

/** Notes an issue; a refused row is counted. */
export function note(report: LegacyReport, issue: Issue): void {
  report.issueCounts[issue.code] = (report.issueCounts[issue.code] ?? 0) + 1;
  if (report.issues.length < MOST_LISTED) report.issues.push(issue);
  if (issue.effect !== 'refused') return;
  report.ok = false;
  report.tables[issue.table].refused += 1;
}
