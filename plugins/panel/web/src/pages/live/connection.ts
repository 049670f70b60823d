import { signal } from '@preact/signals';
import { LIVE_KINDS, type LiveEvents, type LiveKind } from './types.ts';

/** As far as the browser's own is used. */
export interface Source {
  addEventListener(kind: string, listener: (event: { data: string; lastEventId: string }) => void): void;
  close(): void;
}

export interface ConnectionOptions {
  /** Opens the stream. */
  open(url: string): Source;
  onEvent<Kind extends LiveKind>(kind: Kind, data: LiveEvents[Kind]): void;
  /** It could not be opened: whether the session still stands is found out here. */
  onRefused(): void;
  /** What may be seen has changed: nothing of what is shown holds. */
  onAccess(): void;
  /** Another process, or the same one started again. */
  onRestart(): void;
  random?: () => number;
}

/** `lost`: tries again by itself. */
export type ConnectionState = 'connecting' | 'live' | 'lost';

/** A server says something every ten seconds. */
const SILENT_MS = 25_000;
const BACKOFF_MS = { first: 500, most: 20_000 };
const CHECK_MS = 5000;

/** The stream, opened again whenever it breaks, where it stopped. */
export class LiveConnection {
  readonly state = signal<ConnectionState>('connecting');
  /** Wall clock, ms; null: it is not lost. */
  readonly lostSince = signal<number | null>(null);
  readonly #options: ConnectionOptions;
  #source: Source | null = null;
  #query = '';
  #lastId = '';
  #boot: string | null = null;
  #tries = 0;
  #isGreeted = false;
  #heardAt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Opens it, for one client or (null) for all that may be seen. What was shown for another is nothing to go on from. */
  start(clientId: string | null): void {
    this.stop();
    this.#query = clientId === null ? '' : `clientId=${encodeURIComponent(clientId)}`;
    this.#lastId = '';
    this.state.value = 'connecting';
    this.resume();
  }

  /** Opens it again where it stopped. */
  resume(): void {
    this.stop();
    this.#watch = setInterval(() => {
      if (this.#source && Date.now() - this.#heardAt > SILENT_MS) this.#lost();
    }, CHECK_MS);
    this.#open();
  }

  /** Closes it; `resume` goes on. */
  stop(): void {
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    const after = this.#lastId === '' ? '' : `after=${encodeURIComponent(this.#lastId)}`;
    const query = [this.#query, after].filter(Boolean).join('&');
    this.#isGreeted = false;
    this.#heardAt = Date.now();
    const source = this.#options.open(`/api/v1/live${query === '' ? '' : `?${query}`}`);
    this.#source = source;
    for (const kind of LIVE_KINDS) {
      source.addEventListener(kind, (event) => {
        if (this.#source === source) this.#heard(kind, event);
      });
    }
    source.addEventListener('error', () => {
      if (this.#source === source) this.#lost();
    });
  }

  #heard(kind: LiveKind, { data, lastEventId }: { data: string; lastEventId: string }): void {
    this.#heardAt = Date.now();
    if (lastEventId !== '') this.#lastId = lastEventId;
    const event = JSON.parse(data) as never;
    if (kind === 'hello') this.#greeted(event);
    if (kind === 'end') this.#ended(event);
    else this.#options.onEvent(kind, event);
  }

  #greeted({ boot }: LiveEvents['hello']): void {
    this.#isGreeted = true;
    this.#tries = 0;
    this.state.value = 'live';
    this.lostSince.value = null;
    if (this.#boot !== null && this.#boot !== boot) this.#options.onRestart();
    this.#boot = boot;
  }

  #ended({ reason }: LiveEvents['end']): void {
    if (reason === 'access') {
      this.#lastId = '';
      this.#options.onAccess();
    }
    this.#lost();
  }

  #lost(): void {
    this.#source?.close();
    this.#source = null;
    if (!this.#isGreeted) this.#options.onRefused();
    this.state.value = 'lost';
    this.lostSince.value ??= Date.now();
    const waitMs = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** this.#tries++);
    const { random = Math.random } = this.#options;
    clearTimeout(this.#retry);
    // Not all screens of a chain at the same moment.
    this.#retry = setTimeout(() => this.#open(), waitMs * (0.5 + random() / 2));
  }
}
