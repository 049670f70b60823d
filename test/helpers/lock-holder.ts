/** A process that takes one lock file, says so on stdout, and holds it until it is killed. Argument: the path. */
import { writeSync } from 'node:fs';
import { FolderLock } from '../../core/store/folder-lock.ts';
import { systemClock } from '../../core/store/system-clock.ts';

const { lock } = await FolderLock.take(process.argv[2] ?? '', systemClock, false);
writeSync(1, lock ? 'held\n' : 'refused\n');
process.stdin.resume();
