import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';

/** Profiles this process's main thread; the returned function ends it and writes `file` (for Chromium's DevTools). */
export async function startProfile(file: string): Promise<() => Promise<void>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    await writeFile(file, JSON.stringify(profile));
    session.disconnect();
  };
}
