import { appendFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { JournalEntry } from '../../../core/store/interaction.ts';
import { Journal, type JournalOptions } from '../../../core/store/journal.ts';
import { type JournalSource, orphanSource, readBatch } from '../../../core/store/journal-source.ts';
import { Secrets } from '../../../core/store/secrets.ts';
import { systemClock } from '../../../core/store/system-clock.ts';
import { quietLog, temporaryFolder } from '../../helpers/databases.ts';
import { interaction } from '../../helpers/interactions.ts';

const secrets = new Secrets(Buffer.alloc(32, 7));

async function openJournal(t: Test, options: Partial<JournalOptions> = {}): Promise<Journal> {
  const root = await temporaryFolder(t);
  const journal = new Journal({ root, secrets, clock: systemClock, log: quietLog, ...options });
  t.teardown(async () => {
    await journal.close();
    await journal.release(true);
  });
  return journal;
}

const entry = (id: number): JournalEntry => ({
  type: 'interaction',
  interaction: interaction({ id, transcript: `fala ${id}` }),
  usage: [],
});

/** Every id that can be read, segment after segment, and the damage met. */
async function readAll(source: JournalSource, keys = secrets): Promise<{ ids: number[]; damaged: number }> {
  const ids: number[] = [];
  let damaged = 0;
  let at = { segment: 0, position: 0 };
  for (;;) {
    const batch = await readBatch(source, at, keys);
    for (const { entry } of batch.records) if (entry.type === 'interaction') ids.push(entry.interaction.id);
    damaged += batch.damaged;
    at = batch.next;
    if (batch.exhausted) return { ids, damaged };
  }
}

const orphanOf = (journal: Journal): JournalSource => orphanSource(join(journal.folder, '..'), journal.id);
const count = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

t.test('entries come back in order, dates as dates, over several files', async (t) => {
  const journal = await openJournal(t, { segmentBytes: 20_000 });
  await Promise.all(count(60).map((id) => journal.append(entry(id))));
  await Promise.all(count(60).map((id) => journal.append(entry(60 + id))));
  t.ok(journal.segments().length > 1, 'a new file begins past the limit');
  t.same(await readAll(orphanOf(journal)), { ids: count(120), damaged: 0 });
  const [first] = (await readBatch(orphanOf(journal), { segment: 0, position: 0 }, secrets)).records;
  t.ok(first?.entry.type === 'interaction' && first.entry.interaction.timestamp instanceof Date);
});

t.test('what was said cannot be read from the disk', async (t) => {
  const journal = await openJournal(t);
  await journal.append(entry(1));
  const bytes = await readFile(join(journal.folder, '00000001.seg'));
  t.notOk(bytes.includes('fala 1'));
  t.equal((await stat(join(journal.folder, '00000001.seg'))).mode & 0o077, 0, 'nobody else may read it');
  await t.rejects(readAll(orphanOf(journal), new Secrets(Buffer.alloc(32, 8))), /cannot be read/, 'another key');
});

t.test('a torn tail ends the reading at the last whole record', async (t) => {
  const journal = await openJournal(t);
  for (const id of count(3)) await journal.append(entry(id));
  const path = join(journal.folder, '00000001.seg');
  const whole = journal.segments()[0]?.end ?? 0;
  t.same(await readAll(orphanOf(journal)), { ids: count(3), damaged: 0 }, 'the empty rest of the file is nothing');
  t.ok((await stat(path)).size > whole);
  for (const cut of [1, 15, 16, 20, 400]) {
    await truncate(path, whole - cut);
    t.same((await readAll(orphanOf(journal))).ids, count(2), `${cut} bytes missing`);
    await appendFile(path, Buffer.alloc(cut));
  }
  t.same(await readAll(orphanOf(journal)), { ids: count(2), damaged: 1 }, 'a tail of zeros is a damaged record');
  await appendFile(path, Buffer.alloc(500, 0xff));
  t.same((await readAll(orphanOf(journal))).ids, count(2), 'rubbish after it');
});

t.test('a record that was changed or moved is passed over, and counted', async (t) => {
  const journal = await openJournal(t);
  for (const id of count(3)) await journal.append(entry(id));
  const path = join(journal.folder, '00000001.seg');
  const bytes = await readFile(path);
  const first = 32 + 4 + bytes.readUInt32BE(32);
  bytes.writeUInt8(bytes.readUInt8(first + 60) ^ 1, first + 60);
  await writeFile(path, bytes);
  t.same(await readAll(orphanOf(journal)), { ids: [1, 3], damaged: 1 });
});

t.test('a full journal refuses, says why, and takes more once there is room', async (t) => {
  const journal = await openJournal(t, { maxBytes: 40_000 });
  const results = await Promise.allSettled(count(60).map((id) => journal.append(entry(id))));
  const refused = results.filter(({ status }) => status === 'rejected');
  t.ok(refused.length > 0 && refused.length < 60);
  t.match(refused[0], { reason: { code: 'BALTO_STORE_JOURNAL_FULL' } });
  t.ok(journal.bytes <= 40_000);
  for (const { number, sealed } of journal.segments()) if (sealed) await journal.drop(number);
  await journal.append(entry(99));
  t.pass('room again');
});

t.test('entries that arrive together share a write', async (t) => {
  const journal = await openJournal(t);
  let writes = 0;
  journal.onDurable(() => {
    writes += 1;
  });
  await Promise.all(count(400).map((id) => journal.append(entry(id))));
  t.ok(writes <= 6, `${writes} writes`);
});

t.test('a disk that fails refuses the entries, and the next ones go to a new file', async (t) => {
  const journal = await openJournal(t, { segmentBytes: 1 });
  await journal.append(entry(1));
  // The next file's name is taken: opening it exclusively fails.
  await writeFile(join(journal.folder, '00000002.seg'), '');
  await t.rejects(journal.append(entry(2)), { code: 'EEXIST' });
  await journal.append(entry(3));
  t.same(await readdir(journal.folder), ['00000001.seg', '00000002.seg', '00000003.seg']);
  t.same((await readAll(orphanOf(journal))).ids, [1, 3]);
});
