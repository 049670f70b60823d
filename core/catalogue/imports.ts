import { rm } from 'node:fs/promises';
import { BaltoError } from '../contracts/index.ts';
import type { CatalogueImport } from '../store/catalogue-imports-table.ts';
import type { Author } from '../store/config-versions.ts';
import { isProcessGone } from '../store/folder-lock.ts';
import { localDay } from '../wall-clock.ts';
import { type ImportDeps, ImportJob } from './import-job.ts';
import type { Spool, SpooledFile } from './spool.ts';

/** What somebody wants imported. */
export interface ImportOrder {
  clientId: string;
  /** As the file is called; only shown. */
  fileName: string;
  dryRun: boolean;
  /** Import the good rows, and leave out those with errors. */
  partial: boolean;
  priceColumn?: string | undefined;
}

/** Imports of one process at once: each takes a thread and its share of the database. */
const MOST_RUNNING = 2;
/** A process of another machine that has not been heard of for this long is gone. */
const SILENT_MS = 120_000;

/** The imports of this process: begun, gone on with, undone. */
export class Imports {
  readonly #deps: ImportDeps;
  readonly #spool: Spool;
  readonly #isAlone: boolean;
  readonly #stop = new AbortController();
  readonly #running = new Map<number, Promise<CatalogueImport>>();

  /** `isAlone`: no other process uses this database, so whoever began an import before is gone. */
  constructor(deps: ImportDeps, spool: Spool, isAlone: boolean) {
    this.#deps = deps;
    this.#spool = spool;
    this.#isAlone = isAlone;
  }

  get spool(): Spool {
    return this.#spool;
  }

  /**
   * Begins to import a file, which is this import's from here on: a spooled one is removed in the end. What comes of it is
   * in the import's state. @throws BaltoError `BALTO_IMPORT_RUNNING` (409), `BALTO_IMPORT_BUSY` (429), `BALTO_CLIENT_UNKNOWN`.
   */
  async start(order: ImportOrder, file: SpooledFile, by: Author): Promise<CatalogueImport> {
    const { clientId, fileName, dryRun, partial, priceColumn } = order;
    try {
      this.#refuseMany();
      const { bytes, sha256 } = file;
      const entry = await this.#deps.imports.begin({ clientId, fileName, bytes, sha256, dryRun, partial }, by);
      this.#go(entry, async (job) => {
        try {
          const today = localDay(this.#deps.clock.date());
          return await job.run(entry, { file: file.path, fileName, priceColumn, today });
        } finally {
          await discard(file);
        }
      });
      return entry;
    } catch (error) {
      await discard(file);
      throw error;
    }
  }

  /** Begins to undo an import. @throws BaltoError what `CatalogueActivation.beginUndo` throws. */
  async undo(clientId: string, id: number, by: Author): Promise<CatalogueImport> {
    this.#refuseMany();
    const entry = await this.#deps.activation.beginUndo({ id, clientId }, by);
    this.#go(entry, (job) => job.undo(entry));
    return entry;
  }

  /** Resolves with an import of this process when it has ended; rejects when this process stops before. */
  async ended(id: number): Promise<CatalogueImport> {
    const running = this.#running.get(id);
    if (running) return await running;
    throw new BaltoError({ code: 'BALTO_IMPORT_UNKNOWN', message: 'Importação não encontrada.', statusCode: 404 });
  }

  /**
   * Ends what processes that are gone left in the middle: what was being put in or taken out goes on, what was being read
   * is refused, as its file is gone.
   */
  async recover(): Promise<void> {
    const { imports, clock } = this.#deps;
    for (const { entry, process, seenAt } of await imports.running()) {
      if (this.#running.has(entry.id)) continue;
      const isGone = this.#isAlone || process === null || isProcessGone(process);
      const isSilent = clock.date().getTime() - seenAt.getTime() > SILENT_MS;
      if (isGone === false || (isGone === undefined && !isSilent)) continue;
      if (!(await imports.take(entry.id, process))) continue;
      this.#go(entry, (job) => this.#goOn(job, entry));
    }
  }

  /** Resolves when no import of this process runs. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  /** Stops between two steps; what is left in the middle is for the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.idle();
    await this.#spool.close();
  }

  async #goOn(job: ImportJob, entry: CatalogueImport): Promise<CatalogueImport> {
    if (entry.state === 'lendo' || (await this.#isWithoutLines(entry))) return await job.interrupted(entry);
    return entry.state === 'ativando' ? await job.activate(entry) : await job.undo(entry);
  }

  /** As a restored backup leaves it: the import is there, what it was about to do is not. */
  async #isWithoutLines(entry: CatalogueImport): Promise<boolean> {
    const { state, valid, position, added, changed } = entry;
    if (position >= valid) return false;
    const needed = state === 'ativando' ? valid - position : added + changed;
    return (await this.#deps.imports.lines(entry.clientId, entry.id)) < needed;
  }

  #refuseMany(): void {
    if (this.#running.size < MOST_RUNNING) return;
    const message = 'Há importações demais em curso; tente de novo quando uma terminar.';
    throw new BaltoError({ code: 'BALTO_IMPORT_BUSY', message, statusCode: 429 });
  }

  #go(entry: CatalogueImport, work: (job: ImportJob) => Promise<CatalogueImport>): void {
    const job = new ImportJob(this.#deps, this.#stop.signal);
    const running = work(job).finally(() => this.#running.delete(entry.id));
    running.catch((error: unknown) => {
      if (this.#stop.signal.aborted) return;
      const { name, code } = error as { name?: unknown; code?: unknown };
      this.#deps.log.error({ name, code }, 'an import of a catalogue was left in the middle');
    });
    this.#running.set(entry.id, running);
  }
}

async function discard({ path, isOurs }: SpooledFile): Promise<void> {
  if (isOurs) await rm(path, { force: true });
}
