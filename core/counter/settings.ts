import { DEFAULT_VAD_SETTINGS, type VadSettings } from '../audio/settings.ts';

/**
 * The effective listening settings of one counter. Precedence, field by field: built-in < environment < client <
 * handshake < counter preset in the database: what an admin sets holds (protocol.md §1.1).
 */
export function effectiveVad(...layers: Partial<VadSettings>[]): VadSettings {
  const effective: VadSettings = { ...DEFAULT_VAD_SETTINGS };
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer)) {
      if (value !== undefined) Object.assign(effective, { [name]: value });
    }
  }
  return effective;
}
