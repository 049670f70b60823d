import type { DetectorHealth } from '../audio/detector-care.ts';
import type { Cleaner, CleanerCapabilities, Clock, Log, Vad, VadCapabilities } from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import type { Effective } from '../routing/types.ts';
import type { Egress } from '../runtime/egress.ts';
import type { Health } from '../runtime/health.ts';
import type { Elected } from './deps.ts';
import { earHealth } from './ear-health.ts';
import { closeLocal, loadLocal, NO_VAD } from './elect.ts';

/** What the counters of one configuration hear with. */
export interface EarParts {
  vad: Elected<Vad, VadCapabilities>;
  /** Takes over where the first one fails. */
  fallbackVad: Elected<Vad, VadCapabilities> | null;
  cleaner: Elected<Cleaner, CleanerCapabilities> | null;
  cleanerFor: { vad: boolean; stt: boolean };
  /** How VAD and cleaner do at all counters. */
  health?: DetectorHealth;
}

/** The ear of one session; whoever took it says when the session is over. */
export interface TakenEar {
  parts: EarParts;
  leave(): void;
}

type Lists = Pick<Effective, 'configured'>;
type Loaded = Elected<Vad | Cleaner, VadCapabilities | CleanerCapabilities>;

interface EarSet {
  parts: EarParts;
  /** Keys of what it hears with. */
  loaded: string[];
  sessions: number;
}

interface EarsOptions {
  registry: Registry;
  health: Health;
  egress: Egress;
  /** `auto`: a VAD that noise fools hears the cleaned signal. */
  cleanerForVad: boolean | 'auto';
  cleanerForStt: boolean;
  clock: Clock;
  log: Log;
}

/** Choices of VAD and cleaner kept at hand; past it the oldest that no session hears with is let go. */
const MOST_SETS = 16;

/**
 * The VADs and cleaners in use. They run in this process and are shared by every counter whose configuration names them in
 * the same way; a session hears with what its configuration named when it began, and a change holds from the next one on.
 */
export class Ears {
  readonly #options: EarsOptions;
  readonly #sets = new Map<string, EarSet>();
  readonly #loading = new Map<string, Promise<void>>();
  readonly #instances = new Map<string, Promise<Loaded | null>>();
  readonly #life = new AbortController();
  #default: EarSet = {
    parts: { vad: NO_VAD, fallbackVad: null, cleaner: null, cleanerFor: { vad: false, stt: false } },
    loaded: [],
    sessions: 0,
  };

  constructor(options: EarsOptions) {
    this.#options = options;
  }

  /** Loads what these lists name and makes it the ear of whoever's own does not load. */
  async loadDefault(lists: Lists): Promise<void> {
    await this.load(lists);
    this.#default = this.#setOf(lists);
  }

  /** Loads what these lists name, where it is not loaded; resolves also where nothing of it loads. */
  load(lists: Lists): Promise<void> {
    const key = keyOf(lists);
    if (this.#sets.has(key) || this.#life.signal.aborted) return Promise.resolve();
    let loading = this.#loading.get(key);
    if (!loading) {
      loading = this.#make(key, lists).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  /** What these lists name, or the default where it is not loaded. */
  of(lists: Lists): EarParts {
    return this.#setOf(lists).parts;
  }

  /** The same, for a session: it stays loaded until the session leaves. */
  take(lists: Lists): TakenEar {
    const set = this.#setOf(lists);
    set.sessions += 1;
    let isOver = false;
    return {
      parts: set.parts,
      leave: () => {
        if (!isOver) set.sessions -= 1;
        isOver = true;
      },
    };
  }

  async close(): Promise<void> {
    this.#life.abort();
    await Promise.all(this.#loading.values());
    const loaded = await Promise.all(this.#instances.values());
    await Promise.all(loaded.map((each) => each && closeLocal(each, this.#options)));
  }

  #setOf(lists: Lists): EarSet {
    return this.#sets.get(keyOf(lists)) ?? this.#default;
  }

  async #make(key: string, { configured }: Lists): Promise<void> {
    const vads = (await this.#loadSome(configured.vad, 2)) as { key: string; elected: EarParts['vad'] }[];
    const cleaners = (await this.#loadSome(configured.cleaner, 1)) as {
      key: string;
      elected: Elected<Cleaner, CleanerCapabilities>;
    }[];
    const { health, clock, cleanerForVad, cleanerForStt, log } = this.#options;
    if (vads.length === 0 && configured.vad.length > 0 && this.#sets.size > 0) {
      log.warn(
        { providers: configured.vad.map(({ address }) => address) },
        'no VAD of this list loads: the usual one hears',
      );
      vads.push({ key: this.#default.loaded[0] ?? '', elected: this.#default.parts.vad });
    }
    const vad = vads[0]?.elected ?? NO_VAD;
    const cleaner = cleaners[0]?.elected ?? null;
    const parts: EarParts = {
      vad,
      fallbackVad: vads[1]?.elected ?? null,
      cleaner,
      cleanerFor: {
        vad: cleanerForVad === 'auto' ? !vad.capabilities.robustToNoise : cleanerForVad,
        stt: cleanerForStt,
      },
      health: earHealth(health, { vad: vad.candidate, cleaner: cleaner?.candidate }, clock),
    };
    this.#sets.set(key, { parts, loaded: [...vads, ...cleaners].map(({ key }) => key), sessions: 0 });
    await this.#letGo();
  }

  /** Those of a list that load, in its order, at most so many. */
  async #loadSome(list: readonly ConfiguredProvider[], most: number): Promise<{ key: string; elected: Loaded }[]> {
    const found: { key: string; elected: Loaded }[] = [];
    for (const provider of list) {
      if (found.length >= most) break;
      const key = nameOf(provider);
      let loading = this.#instances.get(key);
      if (!loading) {
        loading = loadLocal(provider, { ...this.#options, signal: this.#life.signal });
        this.#instances.set(key, loading);
      }
      const elected = await loading;
      if (elected) found.push({ key, elected });
      else this.#instances.delete(key);
    }
    return found;
  }

  async #letGo(): Promise<void> {
    for (const [key, set] of this.#sets) {
      if (this.#sets.size <= MOST_SETS) break;
      if (set.sessions === 0 && set !== this.#default) this.#sets.delete(key);
    }
    const used = new Set([...this.#sets.values()].flatMap(({ loaded }) => loaded));
    for (const [key, loading] of this.#instances) {
      if (used.has(key) || this.#loading.size > 1) continue;
      this.#instances.delete(key);
      const elected = await loading;
      if (elected) await closeLocal(elected, this.#options);
    }
  }
}

function keyOf({ configured }: Lists): string {
  return JSON.stringify([configured.vad.map(nameOf), configured.cleaner.map(nameOf)]);
}

/** Two configurations that say the same of a provider share it. */
function nameOf({ address, settings, fingerprints, tenant }: ConfiguredProvider): string {
  return JSON.stringify([address, settings, fingerprints[0] ?? null, tenant]);
}
