import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** The environment with `.env` below it: what the shell sets wins. No file is no error; one that cannot be read is. */
export function readDotEnv(env: Record<string, string | undefined>, file = '.env'): Record<string, string | undefined> {
  try {
    // Editors on Windows begin a file with a byte order mark, which would belong to the first name.
    return { ...parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')), ...env };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ...env };
    throw error;
  }
}
