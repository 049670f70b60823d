import { readFileSync } from 'node:fs';
import { BaltoError } from '../contracts/index.ts';
import { loadPharmacyData } from '../pharmacy/data.ts';
import { LegacyItems } from '../pharmacy/legacy-item.ts';
import { parseClasses } from '../pharmacy/sale-class.ts';
import { csvRows } from './csv-rows.ts';
import { legacyItems } from './legacy-items.ts';
import { legacyEntries } from './legacy-shapes.ts';
import type { ReadOrder } from './reader-thread.ts';
import { sniff } from './sniff.ts';
import { Batches, type FoundItem, type ReaderMessage } from './staging.ts';
import { tableItems } from './table-reader.ts';
import { xlsxRows } from './xlsx-rows.ts';

const CLASSES = new URL('../../config/therapeutic-classes.json', import.meta.url);

/** Reads a file whole, batch by batch; what is wrong with it as a whole is the last message. */
export async function* read(order: ReadOrder): AsyncGenerator<ReaderMessage> {
  try {
    const { format, items } = await opened(order);
    yield { type: 'format', format };
    const batches = new Batches();
    for await (const item of items) {
      const batch = batches.add(item);
      if (batch) yield batch;
    }
    yield batches.take();
  } catch (error) {
    if (!(error instanceof BaltoError)) throw error;
    yield { type: 'failed', code: error.code, message: error.message };
  }
}

interface Opened {
  format: string;
  items: AsyncIterable<FoundItem> | Iterable<FoundItem>;
}

async function opened({ file, fileName, priceColumn, today }: ReadOrder): Promise<Opened> {
  const kind = await sniff(file);
  if (kind === 'json') {
    const { format, entries } = legacyEntries(readFileSync(file, 'utf8'));
    const { starter, otc, gate } = loadPharmacyData();
    return { format, items: legacyItems(entries, new LegacyItems(starter, otc, gate, today)) };
  }
  const classes = parseClasses(JSON.parse(readFileSync(CLASSES, 'utf8')), 'config/therapeutic-classes.json');
  const rows = kind === 'xlsx' ? xlsxRows(file) : csvRows(file);
  return { format: kind, items: tableItems(rows, { classes, fileName, priceColumn }) };
}
