import { EventEmitter } from 'node:events';
import type { Kind } from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Candidate } from '../runtime/types.ts';
import { type ConfigSnapshot, NO_SECTIONS, placesOf, type Sections, sectionsOf } from '../store/config-snapshot.ts';
import { DEFAULT_TIME_ZONE } from '../wall-clock.ts';
import { Content, type Ground, type StoredLayer } from './content.ts';
import type { Problem } from './sections.ts';
import type { Effective } from './types.ts';

/** What the configuration is read from. */
interface Live {
  snapshot(): ConfigSnapshot;
}

/** A session that follows the configuration. */
export interface Follower {
  /** What holds for its counter now. */
  effective(): Effective;
  /** The same, for an utterance: the session is of that version from here on. */
  take(): Effective;
  /** The session is over. */
  leave(): void;
}

interface Following {
  clientId: string;
  counterId: string;
  content: Content;
  version: number;
}

/** Counters and clients whose configuration is kept at hand; past it the oldest are made again. */
const MOST_KEPT = 20_000;
/** Sessions looked at between two turns of the loop: each may cost a tenth of a millisecond. */
const SLICE = 20;

/**
 * The configuration in force for each counter, made from the layers of the version in force: answers at once, from memory.
 * Emits `settled` when, after a change, it is known again who uses what: what nobody uses may be closed.
 */
export class Configuration extends EventEmitter<{ settled: [] }> {
  readonly #ground: Ground;
  readonly #live: Live;
  readonly #contents = new WeakMap<Sections, WeakMap<Sections, WeakMap<Sections, Content>>>();
  readonly #following = new Set<Following>();
  readonly #inUse = new Map<Content, number>();
  #effective = new Map<string, Effective>();
  #snapshot: ConfigSnapshot;
  #settling: Promise<void> = Promise.resolve();

  constructor(ground: Ground, live: Live) {
    super();
    this.#ground = ground;
    this.#live = live;
    this.#snapshot = live.snapshot();
  }

  /** What holds for a counter, or for a client whatever its counter. The same object until the next version. */
  for(clientId: string, counterId: string | null): Effective {
    this.#look();
    const key = `${clientId}/${counterId ?? ''}`;
    const known = this.#effective.get(key);
    if (known) return known;
    if (this.#effective.size >= MOST_KEPT) this.#effective.clear();
    const effective = effectiveOf(this.#content(clientId, counterId), this.#snapshot.version, clientId, counterId);
    this.#effective.set(key, effective);
    return effective;
  }

  /** What holds for whoever has nothing of its own. */
  global(): Effective {
    return this.for('', null);
  }

  /** A session begins; what it uses stays open while it lasts. */
  follow(clientId: string, counterId: string): Follower {
    this.#look();
    const content = this.#content(clientId, counterId);
    const following: Following = { clientId, counterId, content, version: this.#snapshot.version };
    this.#following.add(following);
    this.#use(content, 1);
    return {
      effective: () => this.for(clientId, counterId),
      take: () => {
        const effective = this.for(clientId, counterId);
        following.version = effective.version;
        return effective;
      },
      leave: () => {
        if (!this.#following.delete(following)) return;
        this.#use(following.content, -1);
        if (!this.#inUse.has(following.content)) this.emit('settled');
      },
    };
  }

  /** Sessions by the version of their last utterance. */
  sessions(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { version } of this.#following) counts[version] = (counts[version] ?? 0) + 1;
    return counts;
  }

  /** Whether some session, or whoever has nothing of its own, may be given this candidate as it is configured. */
  inForce({ provider, credential }: Candidate): boolean {
    const fingerprint = provider.fingerprints[credential];
    const everyones = this.#content('', null);
    if (everyones.uses(provider, fingerprint)) return true;
    for (const content of this.#inUse.keys()) if (content.uses(provider, fingerprint)) return true;
    return false;
  }

  /** Whether there is anybody at all who has a usable provider of this kind. */
  somebodyHas(kind: Kind): boolean {
    this.#look();
    if (this.#content('', null).has(kind)) return true;
    for (const [clientId, counterId] of placesOf(this.#snapshot)) {
      if (clientId !== null && this.#content(clientId, counterId).has(kind)) return true;
    }
    return false;
  }

  /** What holds at each place that has something of its own stored: clients and counters. */
  *places(): Iterable<Effective> {
    this.#look();
    for (const [clientId, counterId] of placesOf(this.#snapshot)) {
      if (clientId !== null) yield this.for(clientId, counterId);
    }
  }

  /** What is stored for everyone, or for a client, and cannot be used as it stands. */
  problems(clientId = '', counterId: string | null = null): Problem[] {
    this.#look();
    const { problems } = this.#content(clientId, counterId);
    return [...new Map(problems.map((each) => [`${each.section} ${each.reason}`, each])).values()];
  }

  /** What would hold with other sections in these places, without anybody noticing: for validating a draft. */
  whatIf(snapshot: ConfigSnapshot): Pick<Configuration, 'for'> {
    return new Configuration(this.#ground, { snapshot: () => snapshot });
  }

  /** Resolves when every session's part of the newest version is known. */
  settled(): Promise<void> {
    this.#look();
    return this.#settling;
  }

  /** A new version takes the place of the one before; nothing is in between. */
  #look(): void {
    const newest = this.#live.snapshot();
    if (newest === this.#snapshot) return;
    this.#snapshot = newest;
    this.#effective = new Map();
    this.#settling = this.#settle(newest);
  }

  /** Bit by bit: what the others say and hear goes on meanwhile. */
  async #settle(snapshot: ConfigSnapshot): Promise<void> {
    let looked = 0;
    for (const following of [...this.#following]) {
      if (++looked % SLICE === 0) await new Promise((done) => setImmediate(done));
      if (snapshot !== this.#snapshot) return;
      if (!this.#following.has(following)) continue;
      const before = following.content;
      following.content = this.#content(following.clientId, following.counterId);
      this.#use(following.content, 1);
      this.#use(before, -1);
    }
    this.emit('settled');
  }

  #use(content: Content, by: 1 | -1): void {
    const count = (this.#inUse.get(content) ?? 0) + by;
    if (count === 0) this.#inUse.delete(content);
    else this.#inUse.set(content, count);
  }

  #content(clientId: string, counterId: string | null): Content {
    const global = sectionsOf(this.#snapshot, null, null);
    const client = clientId === '' ? NO_SECTIONS : sectionsOf(this.#snapshot, clientId, null);
    const counter = counterId === null ? NO_SECTIONS : sectionsOf(this.#snapshot, clientId, counterId);
    const ofClient = inner(inner(this.#contents, global), client);
    let content = ofClient.get(counter);
    if (!content) {
      const layers: StoredLayer[] = [
        { name: 'global', clientId: null, sections: global },
        { name: 'client', clientId, sections: client },
        { name: 'counter', clientId, sections: counter },
      ];
      content = new Content(this.#ground, layers, this.#snapshot.credentials);
      ofClient.set(counter, content);
    }
    return content;
  }
}

function effectiveOf(content: Content, version: number, clientId: string, counterId: string | null): Effective {
  const { configured, listLayer, globalList, rules, trial, limits, budget, voices, offering } = content;
  const own = {
    configured,
    listLayer,
    globalList,
    rules,
    trial,
    limits,
    budget,
    voices,
    offering,
    timeZone: DEFAULT_TIME_ZONE,
  };
  const provider = (address: string): ConfiguredProvider | null => content.provider(address);
  return { version, clientId, counterId, ...own, provider };
}

function inner<K extends object, V extends WeakMap<K, unknown>>(map: WeakMap<Sections, V>, key: Sections): V {
  let found = map.get(key);
  if (!found) {
    found = new WeakMap() as V;
    map.set(key, found);
  }
  return found;
}
