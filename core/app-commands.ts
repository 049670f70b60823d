import { catalogueOperations } from './app-catalogue.ts';
import type { Providers } from './app-providers.ts';
import type { Imports } from './catalogue/imports.ts';
import type { Log } from './contracts/index.ts';
import { commandOperations } from './store/command-operations.ts';
import type { Store } from './store/index.ts';
import { serveCommands } from './store/socket.ts';

/** The command line's way in while this process holds the embedded database. Without it everything else still works. */
export async function commandSocket(
  dataDir: string,
  store: Store,
  { configuration }: Providers,
  imports: Imports,
  importLegacy: (request: unknown) => Promise<unknown>,
  log: Log,
): Promise<() => Promise<void>> {
  const transcription = async () => ({ version: store.config.version, usable: configuration.somebodyHas('stt') });
  try {
    const operations = {
      ...commandOperations(store),
      ...catalogueOperations(imports, store),
      'config transcription': transcription,
      'import-legacy': importLegacy,
    };
    return await serveCommands(dataDir, operations, log);
  } catch (error) {
    log.warn({ code: (error as { code?: unknown }).code }, 'no command socket: backup needs the server stopped');
    return async () => {};
  }
}
