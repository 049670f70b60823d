import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { CONTRACT_VERSION } from '../../contracts/version.ts';
import { LiveAccess } from '../../live/access.ts';
import { placeOf } from '../../live/feed.ts';
import { LiveStream } from '../../live/stream.ts';
import { principalOf } from '../access.ts';
import type { HttpOptions } from '../options.ts';
import { clientsWhere } from '../principal.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { auditRead } from '../read-audit.ts';
import { clientsShown } from './conventions.ts';

/** Streams of one process, and of one person in it. */
const MOST_STREAMS = { all: 200, each: 12 };
/** How often it is asked whether the session is still open and may still see the same. */
const RECHECK_MS = 2000;

/** `/api/v1/live`: what happens at the counters, as it happens. */
export const live: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { feed, snapshot } = options.live;
  const { clock } = options;
  const streams = new Map<LiveStream, string>();
  app.addHook('preClose', async () => {
    for (const stream of streams.keys()) stream.end('server');
  });

  app.route({
    method: 'GET',
    url: '/api/v1/live',
    // A HEAD would open a stream for nobody.
    exposeHeadRoute: false,
    config: { access: { may: 'clients.read', client: 'any' } },
    schema: {
      summary:
        'O que acontece nos balcões, na hora (server-sent events); sem `interactions.read`, só estados e números',
      tags: ['Balcões'],
      headers: Type.Object({
        'last-event-id': Type.Optional(Type.String({ maxLength: 64, description: 'Onde a conexão anterior parou' })),
      }),
      querystring: Type.Object({
        clientId: Type.Optional(Type.String({ minLength: 1, maxLength: 64, description: 'Só deste cliente' })),
        after: Type.Optional(
          Type.String({ maxLength: 64, description: 'O mesmo que Last-Event-ID, para quem não pode mandá-lo' }),
        ),
      }),
      produces: ['text/event-stream'],
      response: { 200: Type.String({ description: 'Eventos; docs/api.md diz quais' }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { clientId, after } = request.query;
      clientsShown(request, 'clients.read', clientId);
      const { actor } = principalOf(request);
      requirePlace(streams, actor);
      const access = accessOf(request, clientId);
      if (access.readsAnything) {
        const [only, ...rest] = access.readWhere ?? [];
        await auditRead(options, request, {
          action: 'interactions.live',
          target: 'counters',
          clientId: rest.length === 0 ? only : undefined,
        });
      }
      const stream = new LiveStream({
        feed,
        snapshot,
        access,
        after: placeOf(request.headers['last-event-id'] ?? after),
        clock,
        log: request.log,
        version: CONTRACT_VERSION,
      });
      streams.set(stream, actor);
      const cancelRecheck = watchAccess(clock, async () => {
        const isSame = await stillMay(app.access, request, clientId, access.sign);
        if (!isSame) stream.end('access');
        return isSame;
      });
      stream.onEnd(() => {
        streams.delete(stream);
        cancelRecheck();
      });
      void stream.start();
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream.body as never); // a stream: the schema is documentation
    },
  });
};

function accessOf(request: FastifyRequest, clientId: string | undefined): LiveAccess {
  const principal = principalOf(request);
  return new LiveAccess(
    clientsWhere(principal, 'clients.read'),
    clientsWhere(principal, 'interactions.read'),
    clientId,
  );
}

/** @throws 429 when there are too many already. */
function requirePlace(streams: ReadonlyMap<LiveStream, string>, actor: string): void {
  const theirs = [...streams.values()].filter((each) => each === actor).length;
  if (streams.size < MOST_STREAMS.all && theirs < MOST_STREAMS.each) return;
  throw refuse(429, 'BALTO_LIVE_BUSY', 'Já há visões ao vivo demais abertas; feche alguma.');
}

/** Asks again and again, one question at a time, until the answer is no. */
function watchAccess(clock: HttpOptions['clock'], ask: () => Promise<boolean>): () => void {
  let isOver = false;
  let cancel = () => {};
  const again = () => {
    cancel = clock.after(RECHECK_MS, () => {
      void ask().then((goesOn) => {
        if (goesOn && !isOver) again();
      });
    });
  };
  again();
  return () => {
    isOver = true;
    cancel();
  };
}

/** With the database away nobody can tell, and nobody can have taken the right away either. */
async function stillMay(
  gate: { check(request: FastifyRequest): Promise<void> },
  request: FastifyRequest,
  clientId: string | undefined,
  sign: string,
): Promise<boolean> {
  try {
    await gate.check(request);
    return accessOf(request, clientId).sign === sign;
  } catch (error) {
    return (error as { statusCode?: number }).statusCode === 503;
  }
}
