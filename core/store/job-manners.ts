/** What a long job may ask of a database: queries of about so many ms, so many of them at once. */
export interface JobManners {
  leastMs: number;
  mostMs: number;
  atOnce: number;
}

/** With one connection everybody else waits for it; with several only the job itself does. */
export const MANNERS: Record<'embedded' | 'postgres', JobManners> = {
  embedded: { leastMs: 15, mostMs: 40, atOnce: 1 },
  postgres: { leastMs: 50, mostMs: 200, atOnce: 2 },
};
