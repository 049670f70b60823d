import { readRows } from '../../store/export-shape.ts';
import type { ShadowPair } from '../../store/replay.ts';
import { WallClock } from '../../wall-clock.ts';
import { cellsOf, INTERACTION_COLUMNS } from './columns.ts';
import { csvHeader, csvLine } from './csv.ts';
import { PROVIDER_COLUMNS, ProviderTotals } from './provider-sheet.ts';
import { Workbook } from './workbook.ts';

/** What a report is asked for. */
export interface ReportOrder {
  format: 'xlsx' | 'csv';
  /** IANA zone of the times that it shows. */
  timeZone: string;
}

/** Takes a report's pages as they come; each answer is the part of the file that is ready then. */
export interface ReportWriter {
  rows(json: string): Uint8Array;
  shadows(json: string): void;
  end(): Uint8Array;
}

const MINUTE_MS = 60_000;

export function openReport({ format, timeZone }: ReportOrder): ReportWriter {
  const clock = new WallClock(timeZone);
  const wall = (ms: number) => ms + clock.offsetMinutes(ms) * MINUTE_MS;
  return format === 'xlsx' ? workbookReport(wall) : csvReport(wall);
}

function workbookReport(wall: (ms: number) => number): ReportWriter {
  let made: Uint8Array[] = [];
  const taken = () => {
    const bytes = new Uint8Array(Buffer.concat(made));
    made = [];
    return bytes;
  };
  const book = new Workbook((bytes) => made.push(bytes));
  const totals = new ProviderTotals();
  book.sheet('Interacoes', INTERACTION_COLUMNS);
  return {
    rows(json) {
      const rows = readRows(json);
      for (const row of rows) totals.add(row);
      book.rows(rows.map((row) => cellsOf(row, wall)));
      return taken();
    },
    shadows(json) {
      for (const pair of JSON.parse(json) as ShadowPair[]) totals.compare(pair);
    },
    end() {
      book.sheet('Provedores', PROVIDER_COLUMNS);
      book.rows(totals.rows());
      book.end();
      return taken();
    },
  };
}

function csvReport(wall: (ms: number) => number): ReportWriter {
  const encoder = new TextEncoder();
  let header = csvHeader(INTERACTION_COLUMNS);
  const withHeader = (lines: string) => {
    const bytes = encoder.encode(header + lines);
    header = '';
    return bytes;
  };
  return {
    rows: (json) =>
      withHeader(
        readRows(json)
          .map((row) => csvLine(INTERACTION_COLUMNS, cellsOf(row, wall)))
          .join(''),
      ),
    shadows: () => {},
    end: () => withHeader(''),
  };
}
