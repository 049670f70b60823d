/** One event as a browser would be given it. */
export interface StreamEvent {
  id: string | null;
  kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  data: any;
}

const PATIENCE_MS = 20_000;

/** `GET /api/v1/live` as somebody: everything that came, also as the bytes they were. */
export class LiveClient {
  readonly events: StreamEvent[] = [];
  raw = '';
  readonly headers: Headers;
  /** Resolves when the stream is over, whoever ended it. */
  readonly over: Promise<void>;
  readonly #abort: AbortController;
  #isOver = false;
  #waiting: { look: () => void }[] = [];

  private constructor(response: Response, abort: AbortController) {
    this.headers = response.headers;
    this.#abort = abort;
    this.over = this.#read(response).catch(() => {}); // cut by whoever tests it
  }

  /** @throws when it is refused. */
  static async open(
    url: string,
    headers: Record<string, string>,
    options: { after?: string; query?: string } = {},
  ): Promise<LiveClient> {
    const abort = new AbortController();
    const resume = options.after === undefined ? {} : { 'last-event-id': options.after };
    const response = await fetch(`${url}/api/v1/live${options.query ?? ''}`, {
      headers: { ...headers, ...resume },
      signal: abort.signal,
    });
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    return new LiveClient(response, abort);
  }

  /** Id of the newest event that has one. */
  get lastId(): string {
    return this.events.findLast(({ id }) => id !== null)?.id ?? '';
  }

  of(kind: string): StreamEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  /** The first event of a kind that `holds`, now or as soon as it comes. */
  async until(kind: string, holds: (data: StreamEvent['data']) => boolean = () => true): Promise<StreamEvent> {
    const find = () => this.events.find((event) => event.kind === kind && holds(event.data));
    const found = find();
    if (found) return found;
    return await new Promise((resolve, reject) => {
      const fail = (why: string) => {
        this.#waiting = this.#waiting.filter((each) => each !== entry);
        reject(new Error(`${why}: ${kind} ${holds}; came: ${this.events.map((event) => event.kind).join(' ')}`));
      };
      const timer = setTimeout(() => fail('never came'), PATIENCE_MS);
      const entry = {
        look: () => {
          const now = find();
          if (now) resolve(now);
          else if (!this.#isOver) return;
          clearTimeout(timer);
          if (now) this.#waiting = this.#waiting.filter((each) => each !== entry);
          else fail('ended');
        },
      };
      this.#waiting.push(entry);
    });
  }

  /** Hangs up. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.over;
  }

  async #read(response: Response): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        this.raw += chunk;
        const frames = (rest + chunk).split('\n\n');
        rest = frames.pop() ?? '';
        for (const frame of frames) this.events.push(parsed(frame));
        for (const { look } of [...this.#waiting]) look();
      }
    } finally {
      this.#isOver = true;
      for (const { look } of [...this.#waiting]) look();
    }
  }
}

function parsed(frame: string): StreamEvent {
  const fields = new Map(
    frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  return {
    id: fields.get('id') ?? null,
    kind: fields.get('event') ?? '',
    data: JSON.parse(fields.get('data') ?? 'null'),
  };
}
