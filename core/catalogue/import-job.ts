import { BaltoError, type Clock, type Log } from '../contracts/index.ts';
import { counted } from '../counted.ts';
import type { CatalogueActivation } from '../store/catalogue-activation.ts';
import type { CatalogueImports } from '../store/catalogue-imports.ts';
import type { CatalogueImport } from '../store/catalogue-imports-table.ts';
import type { Database } from '../store/database.ts';
import { ReaderThread, type ReadOrder } from './reader-thread.ts';

/** What an import works with. */
export interface ImportDeps {
  db: Pick<Database, 'ready'>;
  imports: CatalogueImports;
  activation: CatalogueActivation;
  clock: Clock;
  log: Log;
}

/** How long one transaction may hold the embedded database's one connection, and how few lines are worth one. */
const GOAL_MS = 40;
const STEP_ROWS = { first: 25, least: 25, most: 500 } as const;

/** One import from its file to its end, or the rest of one that was left in the middle. */
export class ImportJob {
  readonly #deps: ImportDeps;
  readonly #signal: AbortSignal;

  /** `signal`: stops between two steps; what is left in the middle is gone on with at the next start. */
  constructor(deps: ImportDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  /** Reads the file, then puts it in. What is wrong with the file is its result, not an error of this call. */
  async run(entry: CatalogueImport, order: ReadOrder): Promise<CatalogueImport> {
    const { imports } = this.#deps;
    try {
      const errors = await this.#read(entry, order);
      if (errors > 0 && !entry.partial) {
        const message = `${counted(errors, 'erro nas linhas; corrija-o', 'erros nas linhas; corrija-os')}, ou importe só as linhas boas.`;
        return await this.#refuse(entry, 'recusada', { code: 'BALTO_IMPORT_ROWS', message });
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      const isOfTheFile = error instanceof BaltoError && error.statusCode < 500;
      if (!isOfTheFile) this.#tell(error);
      return await this.#refuse(entry, isOfTheFile ? 'recusada' : 'falhou', told(error));
    }
    if (!entry.dryRun) await imports.activate(entry.id);
    return await this.activate(entry);
  }

  /** Puts the waiting lines in, or, in a dry run, counts what they would change. */
  async activate(entry: CatalogueImport): Promise<CatalogueImport> {
    const { imports, activation } = this.#deps;
    try {
      await this.#steps((rows) => activation.step(entry, rows, entry.dryRun));
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#tell(error);
      if (entry.dryRun) return await this.#refuse(entry, 'falhou', told(error));
      await activation.beginRollback(entry, told(error));
      return await this.undo(entry);
    }
    if (entry.dryRun) return await this.#refuse(entry, 'conferida', null);
    const done = await imports.finish(entry.id, 'concluida');
    for (const old of await activation.outdated(entry.clientId)) await this.#steps(() => activation.clear(old));
    return done;
  }

  /** Gives back what was there before, for an import that is being undone. */
  async undo(entry: CatalogueImport): Promise<CatalogueImport> {
    const { imports, activation } = this.#deps;
    await this.#steps((rows) => activation.undoStep(entry, rows));
    const failure = (await imports.byId(entry.clientId, entry.id))?.failure ?? null;
    return await this.#refuse(entry, failure ? 'falhou' : 'desfeita', failure);
  }

  /** Ends an import that cannot be gone on with: its file, or what was read of it, is there no more. */
  interrupted(entry: CatalogueImport): Promise<CatalogueImport> {
    const message =
      entry.state === 'lendo'
        ? 'A leitura do arquivo foi interrompida; nada mudou no catálogo. Envie-o de novo.'
        : 'A importação foi interrompida, e o que faltava dela não está neste banco, que veio de um backup. Envie o arquivo de novo.';
    return this.#refuse(entry, 'falhou', { code: 'BALTO_IMPORT_INTERRUPTED', message });
  }

  /** Ends an import of which nothing stays in the catalogue. */
  async #refuse(
    entry: CatalogueImport,
    state: 'conferida' | 'recusada' | 'falhou' | 'desfeita',
    failure: CatalogueImport['failure'],
  ): Promise<CatalogueImport> {
    await this.#steps(() => this.#deps.activation.clear(entry));
    return await this.#deps.imports.finish(entry.id, state, failure);
  }

  /** @returns how many errors the rows have. */
  async #read(entry: CatalogueImport, order: ReadOrder): Promise<number> {
    const thread = new ReaderThread(order);
    let [firstIssue, errors] = [1, 0];
    try {
      for (;;) {
        this.#signal.throwIfAborted();
        const message = await thread.next();
        if (message.type === 'done') return errors;
        if (message.type === 'format') {
          await this.#deps.imports.formatIs(entry.id, message.format);
          continue;
        }
        const { type: _type, ...batch } = message;
        await this.#deps.imports.stage(entry, { ...batch, firstIssue });
        firstIssue += batch.issues.length;
        errors = batch.errors;
      }
    } finally {
      await thread.close();
    }
  }

  /** Step after step until nothing is left, each as large as fits the time; an absent database is waited for. */
  async #steps(step: (rows: number) => Promise<number>): Promise<void> {
    const { clock, db } = this.#deps;
    let rows: number = STEP_ROWS.first;
    for (;;) {
      this.#signal.throwIfAborted();
      const begunMs = clock.now();
      try {
        if ((await step(rows)) === 0) return;
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'BALTO_STORE_AWAY') throw error;
        await db.ready();
        continue;
      }
      const tookMs = Math.max(1, clock.now() - begunMs);
      const fitting = Math.floor(rows * Math.min(2, GOAL_MS / tookMs));
      rows = Math.min(STEP_ROWS.most, Math.max(STEP_ROWS.least, fitting));
    }
  }

  #tell(error: unknown): void {
    const { name, code } = error as { name?: unknown; code?: unknown };
    this.#deps.log.error({ name, code }, 'an import of a catalogue failed');
  }
}

/** What whoever imports may know of it. */
function told(error: unknown): { code: string; message: string } {
  if (error instanceof BaltoError) return { code: error.code, message: error.message };
  return { code: 'BALTO_IMPORT_FAILED', message: 'A importação falhou por um erro interno; nada mudou no catálogo.' };
}
