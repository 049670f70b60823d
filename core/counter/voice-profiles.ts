import type { Clock, Log } from '../contracts/index.ts';
import type { EnrolledVoice } from '../store/employees-table.ts';
import type { ClientVoices } from '../store/voices.ts';

export interface VoiceProfilesOptions {
  read(clientId: string): Promise<ClientVoices>;
  /** When the voices of these clients changed last; those that are gone are left out. */
  revisions(clientIds: string[]): Promise<Map<string, number>>;
  /** Whether other processes may change them: then they are asked for, whatever was announced. */
  isShared: boolean;
  clock: Clock;
  log: Log;
}

interface Profiles {
  clientId: string;
  sessions: number;
  revision: number;
  /** Null: not read yet. */
  voices: readonly EnrolledVoice[] | null;
  isReading: boolean;
  isStale: boolean;
}

/** Twice within the second in which a change must be felt. */
const ASK_MS = 400;
/** Clients without a session whose voices are kept, for the next one. */
const MOST_IDLE = 1000;

/**
 * The voices of the clients whose counters are here, read once and again when one of them changes: announced by whoever
 * wrote it, and found by asking besides; not for each connection. A database that is away changes nothing.
 */
export class VoiceProfiles {
  readonly #options: VoiceProfilesOptions;
  readonly #clients = new Map<string, Profiles>();
  #cancelAsk: (() => void) | null = null;
  #hasFailed = false;
  #closed = false;

  constructor(options: VoiceProfilesOptions) {
    this.#options = options;
  }

  /** A session of this client begins. `voices()`: as last read; null while nobody knows. */
  join(clientId: string): { voices(): readonly EnrolledVoice[] | null; leave(): void } {
    const profiles = this.#clients.get(clientId) ?? this.#open(clientId);
    profiles.sessions += 1;
    this.#askLater();
    let isHere = true;
    return {
      voices: () => profiles.voices,
      leave: () => {
        if (!isHere) return;
        isHere = false;
        profiles.sessions -= 1;
        if (profiles.sessions === 0) this.#forgetOldest();
      },
    };
  }

  /** Something changed; '': it may have been any client. */
  changed(clientId: string): void {
    for (const profiles of this.#clients.values()) {
      if (clientId !== '' && profiles.clientId !== clientId) continue;
      if (profiles.sessions > 0) void this.#read(profiles);
      else this.#clients.delete(profiles.clientId);
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelAsk?.();
    this.#clients.clear();
  }

  #open(clientId: string): Profiles {
    const made = { clientId, sessions: 0, revision: -1, voices: null, isReading: false, isStale: false };
    this.#clients.set(clientId, made);
    void this.#read(made);
    return made;
  }

  #forgetOldest(): void {
    const idle = [...this.#clients.values()].filter(({ sessions }) => sessions === 0);
    for (const { clientId } of idle.slice(0, Math.max(0, idle.length - MOST_IDLE))) this.#clients.delete(clientId);
  }

  /** Those that somebody would miss: the others are asked for when one comes. */
  #inUse(): Profiles[] {
    return [...this.#clients.values()].filter(({ sessions }) => sessions > 0);
  }

  /** Reads once at a time; what changed meanwhile is read again. */
  async #read(profiles: Profiles): Promise<void> {
    profiles.isStale = true;
    if (profiles.isReading) return;
    profiles.isReading = true;
    try {
      while (profiles.isStale && !this.#closed) {
        profiles.isStale = false;
        const { revision, voices } = await this.#options.read(profiles.clientId);
        profiles.revision = revision;
        profiles.voices = voices;
      }
      this.#hasFailed = false;
    } catch (error) {
      this.#failed(error);
    } finally {
      profiles.isReading = false;
    }
  }

  #askLater(): void {
    if (!this.#options.isShared || this.#closed || this.#cancelAsk || this.#inUse().length === 0) return;
    this.#cancelAsk = this.#options.clock.after(ASK_MS, () => {
      void this.#ask().finally(() => {
        this.#cancelAsk = null;
        this.#askLater();
      });
    });
  }

  async #ask(): Promise<void> {
    try {
      const revisions = await this.#options.revisions(this.#inUse().map(({ clientId }) => clientId));
      for (const profiles of this.#inUse()) {
        const newest = revisions.get(profiles.clientId);
        if (newest !== undefined && newest !== profiles.revision) void this.#read(profiles);
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const { code, name } = error as { code?: unknown; name?: unknown };
    if (!this.#hasFailed) this.#options.log.warn({ code: code ?? name }, 'changes of voices cannot be read now');
    this.#hasFailed = true;
  }
}
