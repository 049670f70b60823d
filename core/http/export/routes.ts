import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Exports } from '../../store/exports.ts';
import type { InteractionFilter } from '../../store/interaction-filter.ts';
import { DEFAULT_TIME_ZONE, WallClock } from '../../wall-clock.ts';
import { principalOf } from '../access.ts';
import { filterOf, OLD_FILTERS } from '../interaction-filters.ts';
import { LocalTime } from '../local-time.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { reportBody } from './body.ts';

/** Reports written at the same time by one process: each takes a share of the thread that hears customers. */
const MOST_AT_ONCE = 2;
const MINUTE_MS = 60_000;

const FORMATS = {
  xlsx: {
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    summary: 'Planilha das interações e comparação dos provedores; as mais novas primeiro',
  },
  csv: {
    type: 'text/csv; charset=utf-8',
    summary: 'Interações em CSV (UTF-8, ponto e vírgula, vírgula decimal); as mais novas primeiro',
  },
} as const;
type Format = keyof typeof FORMATS;

const Query = Type.Object(OLD_FILTERS);

/** `/api/export/*`: reports, written while they are read; whoever hangs up ends them. */
export const reports: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const timeZone = options.settings.timeZone ?? DEFAULT_TIME_ZONE;
  const time = new LocalTime(timeZone);
  const clock = new WallClock(timeZone);
  const found = new Exports(options.db);
  const wall = (date: Date) => date.getTime() + clock.offsetMinutes(date.getTime()) * MINUTE_MS;
  let underWay = 0;

  for (const format of ['xlsx', 'csv'] as const) {
    app.route({
      method: 'GET',
      url: `/api/export/${format}`,
      // A HEAD would write the whole report to nobody.
      exposeHeadRoute: false,
      config: { access: { may: 'interactions.read', client: 'any' } },
      schema: {
        summary: FORMATS[format].summary,
        tags: ['Dados'],
        querystring: Query,
        produces: [FORMATS[format].type],
        response: { 200: Type.String({ format: 'binary', description: 'Arquivo' }), ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const filter = filterOf(request, time, 'old');
        if (underWay >= MOST_AT_ONCE) {
          reply.header('retry-after', 30);
          throw refuse(429, 'BALTO_EXPORT_BUSY', 'Já há relatórios sendo gerados; tente de novo em instantes.');
        }
        underWay += 1;
        const source = { rows: found.rows(filter), shadows: found.shadows(filter) };
        const parts = reportBody({ format, timeZone }, source);
        const body = Readable.from(parts, { objectMode: false, highWaterMark: 65_536 });
        body.once('close', () => {
          underWay -= 1;
        });
        try {
          await audit(options, request, filter, format);
        } catch (error) {
          body.destroy();
          throw error;
        }
        return send(reply, format, body, wall(options.clock.date()));
      },
    });
  }
};

function send(reply: FastifyReply, format: Format, body: Readable, wallMs: number): FastifyReply {
  const stamp = new Date(wallMs).toISOString().replace(/[-:]/g, '').replace('T', '_').slice(0, 13);
  return reply
    .type(FORMATS[format].type)
    .header('content-disposition', `attachment; filename="relatorio_balto_${stamp}.${format}"`)
    .header('cache-control', 'no-store')
    .send(body as never); // a stream: the schema is documentation
}

/** What was asked for, not what was found: a searched word may be somebody's illness. */
async function audit(
  { audit: log }: HttpOptions,
  request: FastifyRequest,
  filter: InteractionFilter,
  format: Format,
): Promise<void> {
  const { clientId, counterId, from, to, text, ...others } = filter;
  await log.append({
    actor: principalOf(request).actor,
    action: 'interactions.export',
    target: counterId === undefined ? 'interactions' : `counter:${counterId}`,
    clientId,
    after: { format, from: from?.toISOString(), to: to?.toISOString(), ...others, searched: text !== undefined },
    address: request.ip,
  });
}
