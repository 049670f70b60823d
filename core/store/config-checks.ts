import { BaltoError } from '../contracts/index.ts';
import { placeKey } from './config-items.ts';
import type { ConfigChange, ConfigItem } from './config-table.ts';
import { toJson } from './text.ts';

/** What one activation may hold: so many sections, so many bytes of JSON together. */
const MAX_BYTES = 1024 * 1024;
const MAX_CHANGES = 500;

/** The last word about each place holds. */
export function lastOfEach(changes: readonly ConfigChange[]): Map<string, ConfigChange> {
  return new Map(changes.map((change) => [placeKey(change), change]));
}

/** Throws BALTO_CONFIG_STALE when one of the wanted places was written since, also when it was taken away. */
export function refuseStale(newer: readonly ConfigItem[], wanted: ReadonlyMap<string, ConfigChange>): void {
  const lost = newer.find((item) => wanted.has(placeKey(item)));
  if (!lost) return;
  throw new BaltoError({
    code: 'BALTO_CONFIG_STALE',
    field: lost.section,
    message: `"${lost.section}" mudou na versão ${lost.version}, depois que esta mudança foi feita; leia de novo e repita.`,
    statusCode: 412,
  });
}

export function checkSize(changes: readonly ConfigChange[]): void {
  const bytes = changes.reduce((sum, { value }) => sum + (value === null ? 0 : toJson(value).length), 0);
  if (changes.length <= MAX_CHANGES && bytes <= MAX_BYTES) return;
  throw new BaltoError({
    code: 'BALTO_CONFIG_TOO_LARGE',
    message: `Mudança grande demais: até ${MAX_CHANGES} seções e ${MAX_BYTES / 1024} KiB de uma vez.`,
    statusCode: 413,
  });
}

export function unknownVersion(): BaltoError {
  return new BaltoError({
    code: 'BALTO_CONFIG_VERSION_UNKNOWN',
    field: 'version',
    message: 'Não há essa versão da configuração.',
    statusCode: 404,
  });
}
