import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FolderLock } from '../../../core/store/folder-lock.ts';
import { systemClock } from '../../../core/store/system-clock.ts';
import { temporaryFolder } from '../../helpers/databases.ts';

const take = (path: string) => FolderLock.take(path, systemClock, false);

async function holder(t: Test, path: string): Promise<{ pid: number | undefined; kill(): Promise<void> }> {
  const script = new URL('../../helpers/lock-holder.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const [line] = await once(child.stdout, 'data');
  t.equal(String(line), 'held\n');
  return {
    pid: child.pid,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

t.test('the holder is named while it lives, and followed when it is dead', async (t) => {
  const path = join(await temporaryFolder(t), 'balto.lock');
  const other = await holder(t, path);
  t.match((await take(path)).holder, { pid: other.pid, host: hostname() });
  await other.kill();
  const results = await Promise.all([take(path), take(path), take(path)]);
  const locks = results.flatMap(({ lock }) => lock ?? []);
  t.equal(locks.length, 1, 'of three that find it stale, one takes it over');
  await locks[0]?.release();
  const { lock } = await take(path);
  t.ok(lock, 'released: free again');
  await lock?.release();
});

t.test('a process id that was given to another process holds nothing', async (t) => {
  const path = join(await temporaryFolder(t), 'balto.lock');
  const { lock } = await take(path);
  const record = JSON.parse(await readFile(path, 'utf8'));
  await lock?.release();
  await writeFile(path, JSON.stringify({ ...record, started: '1' }));
  const second = await take(path);
  t.ok(second.lock, 'this very process id, begun at another time');
  await second.lock?.release();
});

t.test('a holder on another machine counts while it gives signs of life', async (t) => {
  const path = join(await temporaryFolder(t), 'balto.lock');
  const far = { pid: 1, host: 'another', space: 'far', started: '1', token: 'x' };
  await writeFile(path, JSON.stringify(far));
  t.match((await take(path)).holder, { host: 'another' });
  const longAgo = new Date(Date.now() - 120_000);
  await utimes(path, longAgo, longAgo);
  const { lock } = await take(path);
  t.ok(lock);
  await lock?.release();
});
