import type { ConfigItem, Place } from './config-table.ts';
import type { OpenedCredential } from './vendor-credentials.ts';

/** The sections of one place, by name. */
export type Sections = ReadonlyMap<string, object>;

/** The configuration of one version, whole and in memory. Immutable. */
export interface ConfigSnapshot {
  version: number;
  /** By place; places without a section of their own are absent. What a version does not touch is the same object as before. */
  places: ReadonlyMap<string, Sections>;
  /** The vendors' keys that some section names, opened; by id. */
  credentials: ReadonlyMap<string, OpenedCredential>;
}

export const NO_SECTIONS: Sections = new Map();

export const EMPTY_SNAPSHOT: ConfigSnapshot = { version: 0, places: new Map(), credentials: new Map() };

const CREDENTIALS = 'credentials.';

/** What stands at one place; the same object for all places where nothing does. */
export function sectionsOf(snapshot: ConfigSnapshot, clientId: string | null, counterId: string | null): Sections {
  return snapshot.places.get(nameOf({ clientId, counterId })) ?? NO_SECTIONS;
}

/** Every place where something stands: client and counter, null as in {@link Place}. */
export function placesOf({ places }: ConfigSnapshot): [clientId: string | null, counterId: string | null][] {
  return [...places.keys()].map((name) => {
    const at = name.indexOf('/');
    return [name.slice(0, at) || null, name.slice(at + 1) || null];
  });
}

/**
 * The snapshot after `items`, in the order they were written. Only places they name are made anew; keys that are named
 * for the first time are opened, those that nothing names any more are forgotten.
 */
export async function nextSnapshot(
  before: ConfigSnapshot,
  version: number,
  items: readonly ConfigItem[],
  open: (ids: string[]) => Promise<OpenedCredential[]>,
): Promise<ConfigSnapshot> {
  const places = new Map(before.places);
  const fresh = new Map<string, Map<string, object>>();
  for (const item of items) {
    const name = nameOf(item);
    const sections = fresh.get(name) ?? new Map(places.get(name) ?? NO_SECTIONS);
    fresh.set(name, sections);
    if (item.value === null) sections.delete(item.section);
    else sections.set(item.section, item.value);
  }
  for (const [name, sections] of fresh) {
    if (sections.size === 0) places.delete(name);
    else places.set(name, sections);
  }
  const touchesKeys = items.some(({ section }) => section.startsWith(CREDENTIALS));
  const credentials = touchesKeys ? await keysOf(places, before.credentials, open) : before.credentials;
  return { version, places, credentials };
}

/** Ids that a `credentials.<vendor>` section names; whatever else it holds is passed over. */
export function credentialIds(value: unknown): string[] {
  const { ids } = (value ?? {}) as { ids?: unknown };
  return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
}

async function keysOf(
  places: ReadonlyMap<string, Sections>,
  known: ReadonlyMap<string, OpenedCredential>,
  open: (ids: string[]) => Promise<OpenedCredential[]>,
): Promise<Map<string, OpenedCredential>> {
  const named = new Set<string>();
  for (const sections of places.values()) {
    for (const [section, value] of sections) {
      if (section.startsWith(CREDENTIALS)) for (const id of credentialIds(value)) named.add(id);
    }
  }
  const missing = [...named].filter((id) => !known.has(id));
  const opened = missing.length === 0 ? [] : await open(missing);
  const kept = [...known.values()].filter(({ id }) => named.has(id));
  return new Map([...kept, ...opened].map((each) => [each.id, each]));
}

function nameOf({ clientId, counterId }: Place): string {
  return `${clientId ?? ''}/${counterId ?? ''}`;
}
