import { PassThrough } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Level } from '../../counter/levels.ts';
import { clientOfCounter } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { unknownCounter } from './counter-shown.ts';
import { ID } from './schemas.ts';

/** A stream ends after this long, and the browser asks again: with a session that is still good, or not at all. */
const LONGEST_S = 60;
const MOST_STREAMS = 100;
/** A device that sends what it had kept is heard faster than it was spoken. */
const MOST_A_SECOND = 30;
/** Nobody reads: what comes now is left out. */
const MOST_UNREAD_BYTES = 65_536;
const STATE_MS = 2000;

/** `/api/v1/counters/{id}/level`: how loud it is at a counter, for whoever sets its ear. */
export const levels: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { counters, clock } = options;
  const streams = new Set<LevelStream>();
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });

  app.route({
    method: 'GET',
    url: '/api/v1/counters/:id/level',
    // A HEAD would watch for nobody.
    exposeHeadRoute: false,
    config: { access: { may: 'clients.read', client: clientOfCounter(counters, 'id') } },
    schema: {
      summary: 'O nível do som de um balcão, umas dez vezes por segundo enquanto alguém olha (server-sent events)',
      description:
        'Eventos: `state` {connected, here} quando muda (here: é este processo que o atende; só então vem o nível), e `level` {db, noiseDb, thresholdDb, probability, spoken}: dBFS de 90 ms, o ruído de fundo, o limiar que abre a escuta, e a certeza do detector (null: a escuta estava fechada). Acaba depois de `seconds`; o navegador pede de novo.',
      tags: ['Balcões'],
      params: ID,
      querystring: Type.Object({
        seconds: Type.Optional(
          Type.Integer({ minimum: 0, maximum: LONGEST_S, default: LONGEST_S, description: '0: só o estado de agora' }),
        ),
      }),
      produces: ['text/event-stream'],
      response: { 200: Type.String({ description: 'Eventos' }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const counter = (await counters.byId(request.params.id)) ?? unknownCounter();
      if (streams.size >= MOST_STREAMS) {
        throw refuse(429, 'BALTO_LEVEL_BUSY', 'Já há medidores de nível demais abertos; feche algum.');
      }
      const stream = new LevelStream(options, counter.counterId);
      streams.add(stream);
      stream.body.once('close', () => streams.delete(stream));
      await stream.start().catch((error: unknown) => {
        stream.body.destroy();
        throw error;
      });
      const cancel = clock.after((request.query.seconds ?? LONGEST_S) * 1000, () => stream.end());
      stream.body.once('close', cancel);
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('x-accel-buffering', 'no')
        .send(stream.body as never); // a stream: the schema is documentation
    },
  });
};

/** One browser that watches one counter. */
class LevelStream {
  readonly body = new PassThrough();
  readonly #options: Pick<HttpOptions, 'live' | 'liveSessions' | 'clock'>;
  readonly #counterId: string;
  #state = '';
  #second = 0;
  #sent = 0;
  #cancel: () => void = () => {};

  constructor(options: Pick<HttpOptions, 'live' | 'liveSessions' | 'clock'>, counterId: string) {
    this.#options = options;
    this.#counterId = counterId;
  }

  /** Says how things are, and tells from here on. */
  async start(): Promise<void> {
    const forget = this.#options.live.levels.watch(this.#counterId, (level) => this.#tell(level));
    this.body.once('close', () => {
      forget();
      this.#cancel();
    });
    this.body.write('retry: 1000\n\n');
    await this.#tellState();
  }

  end(): void {
    this.body.end();
  }

  async #tellState(): Promise<void> {
    const { live, liveSessions, clock } = this.#options;
    const { items } = await liveSessions.page({ clientIds: null, counterId: this.#counterId }, 1);
    const state = JSON.stringify({ connected: items.length > 0, here: live.levels.isHere(this.#counterId) });
    if (this.body.destroyed || this.body.writableEnded) return;
    if (state !== this.#state) this.#write('state', state);
    this.#state = state;
    this.#cancel = clock.after(STATE_MS, () => {
      // The database is away: the browser asks again, and is told so.
      void this.#tellState().catch(() => this.end());
    });
  }

  #tell({ rms, noise, threshold, probability, isSpoken }: Level): void {
    const second = Math.floor(this.#options.clock.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#sent = 0;
    }
    if (this.#sent >= MOST_A_SECOND || this.body.writableLength > MOST_UNREAD_BYTES) return;
    this.#sent += 1;
    const told = {
      db: dbfs(rms),
      noiseDb: dbfs(noise),
      thresholdDb: dbfs(threshold),
      probability: probability === null ? null : Math.round(probability * 100) / 100,
      spoken: isSpoken,
    };
    this.#write('level', JSON.stringify(told));
  }

  #write(event: string, data: string): void {
    if (!this.body.writableEnded) this.body.write(`event: ${event}\ndata: ${data}\n\n`);
  }
}

/** RMS in int16 units as decibels of full scale, one decimal; the quietest that is told is -96. */
function dbfs(rms: number): number {
  return Math.round(Math.max(-96, 20 * Math.log10(Math.max(rms, 1e-6) / 32768)) * 10) / 10;
}
