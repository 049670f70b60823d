/** Files and jobs of a vendor that is given a file, told to transcribe it, and asked for the result until it is there. */
export class Jobs<Params> {
  readonly #pendingPolls: number;
  readonly #files = new Map<string, Uint8Array>();
  readonly #jobs = new Map<string, Job<Params>>();
  #count = 0;

  /** `pendingPolls`: how often a job answers "not yet". */
  constructor(pendingPolls = 0) {
    this.#pendingPolls = pendingPolls;
  }

  addFile(bytes: Uint8Array): string {
    const id = `arquivo-${++this.#count}`;
    this.#files.set(id, bytes);
    return id;
  }

  file(id: string): Uint8Array | undefined {
    return this.#files.get(id);
  }

  create(params: Params): string {
    const id = `00000000-0000-4000-8000-${String(++this.#count).padStart(12, '0')}`;
    this.#jobs.set(id, { params, left: this.#pendingPolls });
    return id;
  }

  /** The job's parameters once it is done, `queued` or `processing` before; undefined when there is no such job. */
  ask(id: string): { params: Params; state: 'queued' | 'processing' | 'done' } | undefined {
    const job = this.#jobs.get(id);
    if (!job) return undefined;
    const state = job.left <= 0 ? 'done' : job.left === this.#pendingPolls ? 'queued' : 'processing';
    job.left--;
    return { params: job.params, state };
  }

  delete(id: string): boolean {
    return this.#jobs.delete(id);
  }
}

interface Job<Params> {
  params: Params;
  left: number;
}
