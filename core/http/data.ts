import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { ListedInteraction } from '../store/interactions.ts';
import { clientOfCounter } from './access.ts';
import { filterOf, OLD_FILTERS } from './interaction-filters.ts';
import { LocalTime } from './local-time.ts';
import type { HttpOptions } from './options.ts';
import { PROBLEMS, refuse } from './problem.ts';
import { auditRead } from './read-audit.ts';

const DEFAULT_ROWS = 50;
const MOST_ROWS = 500;
/** Rows turned to JSON before other work gets its turn: audio shares this thread. */
const ROWS_PER_TURN = 50;

const NullableText = Type.Union([Type.String(), Type.Null()]);
const NullableNumber = Type.Union([Type.Number(), Type.Null()]);
const ClockTime = Type.String({ description: 'HH:MM:SS.mmm ou "-"' });

const InteractionRow = Type.Object({
  id: Type.Integer(),
  timestamp: Type.String({ description: 'dd/mm/aaaa HH:MM:SS' }),
  nome_balcao: NullableText,
  transcricao_completa: NullableText,
  transcricao_normalizada: NullableText,
  transcricao_classificacao: NullableText,
  recomendacao_gerada: NullableText,
  modelo_stt: NullableText,
  ts_audio_received: ClockTime,
  ts_transcription_sent: ClockTime,
  ts_transcription_ready: ClockTime,
  ts_ai_request: ClockTime,
  ts_ai_response: ClockTime,
  ts_client_sent: ClockTime,
  snr: NullableNumber,
  nome_funcionario: Type.String(),
  cpu_usage_percent: NullableNumber,
  ram_usage_mb: NullableNumber,
  mock_status: NullableText,
});

const Filters = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, default: DEFAULT_ROWS, description: 'Até 500' })),
  cursor: Type.Optional(Type.String({ maxLength: 1024, description: 'Da página anterior (cabeçalho Link)' })),
  ...OLD_FILTERS,
});

/** `/api/data/*`: what counters heard and were told, for reports. Transcripts: an administrator's session is needed. */
export const data: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { interactions, counters, settings } = options;
  const time = new LocalTime(settings.timeZone);
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.route({
    method: 'GET',
    url: '/api/data/interacoes',
    config: { access: { may: 'interactions.read', client: 'any' } },
    schema: {
      summary: 'Interações, da mais nova à mais antiga; a próxima página vem no cabeçalho Link',
      tags: ['Dados'],
      querystring: Filters,
      response: { 200: Type.Array(InteractionRow), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { query } = request;
      const filter = filterOf(request, time, 'old');
      const page = await interactions.list(filter, Math.min(query.limit ?? DEFAULT_ROWS, MOST_ROWS), query.cursor);
      const { clientId } = filter;
      const rows = page.rows.length;
      await auditRead(options, request, {
        action: 'interactions.read',
        target: 'interactions',
        clientId,
        filter: { ...filter },
        rows,
      });
      if (page.cursor !== null) reply.header('link', nextPage(query, page.cursor));
      return reply.send(page.rows.map((row) => interactionRow(row, time)));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/data/balcao/:id/metricas',
    config: { access: { may: 'interactions.read', client: clientOfCounter(counters, 'id') } },
    schema: {
      summary: 'As 2.000 interações mais novas de um balcão, com todas as colunas; tempos em ISO 8601',
      tags: ['Dados'],
      params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
      response: {
        200: Type.Object({
          balcao_id: Type.String(),
          interacoes: Type.Array(Type.Object({}, { additionalProperties: true })),
        }),
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const counter = await counters.byId(request.params.id);
      if (!counter) throw refuse(404, 'BALTO_COUNTER_UNKNOWN', 'Balcão não encontrado.');
      const { counterId, clientId } = counter;
      const rows = await interactions.metrics(counterId, clientId);
      const target = `counter:${counterId}`;
      await auditRead(options, request, { action: 'interactions.read', target, clientId, rows: rows.length });
      const body = Readable.from(metricsBody(counterId, rows, time));
      return reply.type('application/json; charset=utf-8').send(body as never); // a stream: the schema is documentation
    },
  });
};

function interactionRow(row: ListedInteraction, time: LocalTime): Static<typeof InteractionRow> {
  return {
    id: row.id,
    timestamp: time.dateTime(row.timestamp),
    nome_balcao: row.counterName,
    transcricao_completa: row.transcript,
    transcricao_normalizada: row.transcriptNormalized,
    transcricao_classificacao: row.transcriptClassification,
    recomendacao_gerada: row.recommendation,
    modelo_stt: row.sttModel,
    ts_audio_received: time.time(row.tsAudioReceived),
    ts_transcription_sent: time.time(row.tsTranscriptionSent),
    ts_transcription_ready: time.time(row.tsTranscriptionReady),
    ts_ai_request: time.time(row.tsAiRequest),
    ts_ai_response: time.time(row.tsAiResponse),
    ts_client_sent: time.time(row.tsClientSent),
    snr: row.snr,
    nome_funcionario: row.employeeName ?? 'Cliente / Desconhecido',
    cpu_usage_percent: row.cpuUsagePercent,
    ram_usage_mb: row.ramUsageMb,
    mock_status: row.mockStatus,
  };
}

async function* metricsBody(counterId: string, rows: Record<string, unknown>[], time: LocalTime) {
  yield `{"balcao_id":${JSON.stringify(counterId)},"interacoes":[`;
  for (let start = 0; start < rows.length; start += ROWS_PER_TURN) {
    const turn = rows.slice(start, start + ROWS_PER_TURN).map((row) => JSON.stringify(withLocalTimes(row, time)));
    yield `${start === 0 ? '' : ','}${turn.join(',')}`;
    await setImmediate();
  }
  yield ']}';
}

function withLocalTimes(row: Record<string, unknown>, time: LocalTime): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) shown[column] = value instanceof Date ? time.iso(value) : value;
  return shown;
}

function nextPage(query: Static<typeof Filters>, cursor: string): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) params.set(key, String(value));
  params.set('cursor', cursor);
  return `</api/data/interacoes?${params}>; rel="next"`;
}
