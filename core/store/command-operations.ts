import { parseEnd } from './audit-verify.ts';
import { backupOperations } from './backup-file.ts';
import type { Store } from './index.ts';
import { lgpdOperations } from './lgpd.ts';
import type { Operations } from './socket.ts';

/** What the running server does for the command line, as it alone holds the embedded database. */
export function commandOperations(store: Store): Operations {
  const { backup, restore } = backupOperations(store);
  return {
    ...lgpdOperations(store),
    backup,
    restore: async (args) => {
      const report = await restore(args);
      // Versions and numbers may be the same and say something else: what is in force is read anew.
      await store.config.reload();
      store.voiceChanges.emit('changed', '');
      return report;
    },
    'audit verify': (args) => store.audit.verify(parseEnd((args as { expect?: unknown } | null)?.expect)),
    'keys rotate': () => store.keys.rotate({ actor: 'cli' }),
  };
}
