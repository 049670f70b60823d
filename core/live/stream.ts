import type { Readable } from 'node:stream';
import type { Clock, Log } from '../contracts/index.ts';
import type { LiveAccess } from './access.ts';
import { frameOf, type LiveFeed, type LivePlace, type Watcher } from './feed.ts';
import { Outbox } from './outbox.ts';
import type { Written } from './ring.ts';
import type { LiveSnapshot } from './snapshot.ts';

/** Why a stream ends, for the browser: `access`: its session is over, or may see something else now. */
export type EndReason = 'access' | 'server' | 'slow';

export interface LiveStreamOptions {
  feed: LiveFeed;
  snapshot: LiveSnapshot;
  access: LiveAccess;
  /** Where the browser stopped; null: it begins. */
  after: LivePlace | null;
  clock: Clock;
  log: Log;
  /** Version of the server. */
  version: string;
}

/** How often a browser is told that there is nothing to tell; it looks for another connection when it hears nothing. */
const HEARTBEAT_MS = 10_000;
/** A browser that takes nothing for so long is gone. */
const STUCK_BEATS = 3;

/** One browser's stream: how things stand, then what happens, as far as it may know. */
export class LiveStream implements Watcher {
  readonly #options: LiveStreamOptions;
  readonly #outbox: Outbox;
  readonly #leave: () => void;
  #cancelBeat: () => void = () => {};
  #stuckBeats = 0;
  #isOver = false;
  #onEnd: () => void = () => {};

  constructor(options: LiveStreamOptions) {
    this.#options = options;
    this.#outbox = new Outbox((dropped) => void this.#guarded(this.#begin({ gap: { reason: 'slow', dropped } })));
    this.#leave = options.feed.watch(this);
    this.body.once('close', () => this.#close());
    this.#beatLater();
  }

  get body(): Readable {
    return this.#outbox.body;
  }

  /** Called once, when it is over. */
  onEnd(run: () => void): void {
    this.#onEnd = run;
  }

  /** Goes on where the browser stopped, or shows how things stand; what fails ends it, and the browser comes again. */
  async start(): Promise<void> {
    const { feed, after, version } = this.#options;
    const missed = after && feed.since(after);
    const hello = this.#frame('hello', { version, boot: feed.boot, resumed: missed !== null });
    if (missed) {
      // What came since then is in `missed`; nothing can have come in between.
      this.#outbox.release([hello, ...missed.flatMap((each) => this.#textOf(each) ?? []), this.#ready()]);
      return;
    }
    await this.#guarded(this.#begin({ hello, gap: after && { reason: 'unknown', sinceMs: after.atMs } }));
  }

  take(written: Written): void {
    const text = this.#textOf(written);
    if (text !== null) this.#outbox.add(written, text);
  }

  /** Says why, and ends. */
  end(reason: EndReason): void {
    if (this.#isOver) return;
    this.#outbox.end(this.#frame('end', { reason }));
    this.#close();
  }

  async #begin({ hello, gap }: { hello?: string; gap: { reason: string; dropped?: number; sinceMs?: number } | null }) {
    const { snapshot, access, clock } = this.#options;
    this.#outbox.hold();
    const frames = hello === undefined ? [] : [hello];
    if (gap) frames.push(this.#frame('gap', gap));
    const from = gap?.sinceMs === undefined ? null : new Date(Math.min(gap.sinceMs, clock.date().getTime()));
    const { state, history, isAway } = await snapshot.take(access, from);
    if (isAway) frames.push(this.#frame('gap', { reason: 'database' }));
    frames.push(this.#frame('snapshot', state));
    for (const event of history) {
      const isRead = access.reads(event.clientId);
      frames.push(this.#frame(event.kind, { ...event.data, ...(isRead ? event.spoken : {}), isPast: true }));
    }
    if (!this.#isOver) this.#outbox.release([...frames, this.#ready()]);
  }

  #guarded(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => {
      const { code, name } = error as { code?: unknown; name?: unknown };
      this.#options.log.error({ code: code ?? name }, 'a live view could not be shown how things stand');
      this.body.destroy();
    });
  }

  #textOf({ event, full, bare }: Written): string | null {
    const { access } = this.#options;
    if (!access.sees(event.clientId)) return null;
    if (access.reads(event.clientId)) return full;
    // Of what is being said there is nothing else to tell.
    return event.kind === 'partial' ? null : bare;
  }

  /** Whoever comes back after this names this place. */
  #ready(): string {
    const { boot, seq, atMs } = this.#options.feed.place;
    return `id: ${boot}.${seq}.${atMs}\nevent: ready\ndata: {}\n\n`;
  }

  #frame(kind: string, data: object): string {
    return frameOf(this.#options.feed.boot, { seq: null, at: 0, kind: kind as never }, data);
  }

  #beatLater(): void {
    this.#cancelBeat = this.#options.clock.after(HEARTBEAT_MS, () => {
      this.#stuckBeats = this.#outbox.isStuck ? this.#stuckBeats + 1 : 0;
      if (this.#stuckBeats >= STUCK_BEATS) {
        this.body.destroy();
        return;
      }
      this.#outbox.say(this.#frame('ping', {}));
      this.#beatLater();
    });
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelBeat();
    this.#leave();
    this.#onEnd();
  }
}
