import { isAbsolute } from 'node:path';
import { BaltoError } from '../contracts/index.ts';
import type { Masking } from '../counter/masking.ts';
import type { Store } from '../store/index.ts';
import { LegacyRows } from '../store/legacy-rows.ts';
import { WallClock } from '../wall-clock.ts';
import { importLegacy } from './import.ts';
import { openPostgresSource } from './postgres-source.ts';
import type { LegacyReport } from './report.ts';
import type { LegacySource } from './source.ts';
import { openSqliteSource } from './sqlite-source.ts';
import { enrolFrom, type VoiceMaker } from './voices.ts';

/** What is asked of an import, by the command line or through the running server. */
export interface LegacyRequest {
  /** `postgres://…`, or `sqlite:` and the whole path of a file. */
  from: string;
  dryRun: boolean;
  /** IANA zone of the original's times. */
  sourceTz: string;
  /** How long the clients' new codes live. */
  codeTtlHours: number;
  /** Folder of the recordings that `audio_file_name` names, the whole path; absent: voices are not taken. */
  audioDir?: string | undefined;
}

/** What an import stands on; `voices` absent: there is nothing here that measures voices. */
export interface LegacyHost {
  store: Store;
  masking: Pick<Masking, 'load' | 'of'>;
  voices?: VoiceMaker;
}

/**
 * Runs an import. `request` comes from outside.
 * @throws BALTO_CLI_USAGE naming the field, or what `importLegacy` throws.
 */
export async function runLegacyImport(host: LegacyHost, request: unknown): Promise<LegacyReport> {
  const { from, dryRun, sourceTz, codeTtlHours, audioDir } = checked(request);
  const { store, masking, voices } = host;
  const clock = clockOf(sourceTz);
  const source = await openSource(from);
  try {
    return await importLegacy(
      source,
      {
        rows: new LegacyRows(store.db, store.audit),
        newCode: (clientId) => store.clients.createCode(clientId, codeTtlHours, { actor: 'cli' }),
        async masker(clientId) {
          await masking.load(clientId);
          const masker = masking.of(clientId);
          return (text) => masker.beside(text).text;
        },
        ...(voices && audioDir !== undefined && { enrol: (employee) => enrolFrom(audioDir, voices, employee) }),
      },
      { clock, dryRun },
    );
  } finally {
    await source.close();
  }
}

function checked(request: unknown): LegacyRequest {
  const { from, dryRun, sourceTz, codeTtlHours, audioDir } = (request ?? {}) as Record<string, unknown>;
  if (typeof from !== 'string') throw wrong('from', 'Falta --from.');
  if (typeof sourceTz !== 'string') throw wrong('sourceTz', 'Falta o fuso.');
  if (audioDir !== undefined && (typeof audioDir !== 'string' || !isAbsolute(audioDir))) {
    throw wrong('audioDir', '--audio-dir deve ser o caminho inteiro de uma pasta');
  }
  const ttl = typeof codeTtlHours === 'number' && codeTtlHours > 0 ? codeTtlHours : 24;
  return { from, sourceTz, dryRun: dryRun === true, codeTtlHours: ttl, audioDir };
}

function openSource(from: string): Promise<LegacySource> {
  if (/^postgres(ql)?:\/\//.test(from)) return openPostgresSource(from);
  const path = from.startsWith('sqlite:') ? from.slice('sqlite:'.length) : '';
  if (isAbsolute(path)) return openSqliteSource(path);
  throw wrong('from', '--from deve ser postgres://… ou sqlite:CAMINHO');
}

function clockOf(zone: string): WallClock {
  try {
    return new WallClock(zone);
  } catch (cause) {
    throw wrong('sourceTz', '--source-tz deve ser um fuso da IANA, como UTC ou America/Sao_Paulo', cause);
  }
}

function wrong(field: string, message: string, cause?: unknown): BaltoError {
  return new BaltoError({ code: 'BALTO_CLI_USAGE', field, message, cause });
}
