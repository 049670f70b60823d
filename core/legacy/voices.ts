import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { BaltoError } from '../contracts/index.ts';
import type { VoiceSample } from '../counter/enrolment.ts';

/** Larger recordings are no voice's: a minute of 48 kHz stereo. */
const MOST_BYTES = 12 * 1024 * 1024;

/** Turns the recordings that the original kept into voices of the model that is used now. */
export interface VoiceMaker {
  /** To 16 kHz mono. @throws BaltoError for what is no recording. */
  decode(bytes: Buffer): Promise<Int16Array>;
  enrol(sample: VoiceSample, by: { actor: 'cli' }): Promise<unknown>;
}

/** Why a voice could not be taken; null: it was. */
export type VoiceProblem = { code: string; message: string } | null;

/**
 * Enrols an employee by the file that his row names. Of the name only the last part counts: nothing outside `folder` is
 * read, whatever the original says. Nobody consents here: the voice waits to be confirmed, where its client declares nothing.
 */
export async function enrolFrom(
  folder: string,
  { decode, enrol }: VoiceMaker,
  { clientId, employeeId, fileName }: { clientId: string; employeeId: number; fileName: string | null },
): Promise<VoiceProblem> {
  const name = fileName?.split(/[\\/]/).at(-1) ?? '';
  if (name === '' || name === '..' || name === '.') {
    return { code: 'BALTO_LEGACY_VOICE', message: 'a linha não diz em que arquivo está a voz' };
  }
  try {
    const pcm = await decode(await recording(join(folder, name)));
    await enrol({ clientId, of: { id: employeeId }, pcm, fileName: name }, { actor: 'cli' });
    return null;
  } catch (error) {
    if (error instanceof BaltoError) return { code: error.code, message: error.message };
    const { code } = error as { code?: unknown };
    const why = typeof code === 'string' ? ` (${code})` : '';
    return { code: 'BALTO_LEGACY_VOICE', message: `o arquivo da voz não pôde ser lido${why}` };
  }
}

async function recording(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size <= MOST_BYTES) return await file.readFile();
  } finally {
    await file.close();
  }
  throw new BaltoError({ code: 'BALTO_LEGACY_VOICE', message: 'o arquivo da voz é grande demais' });
}
