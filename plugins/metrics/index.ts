import { createHash, timingSafeEqual } from 'node:crypto';
import fp from 'fastify-plugin';
import { BaltoError, type Telemetry } from '../../core/contracts/index.ts';

export default fp(
  async (app) => {
    // The command line loads plugins too, and measures nothing.
    if (!app.hasDecorator('telemetry')) return;
    const telemetry = app.getDecorator<Telemetry>('telemetry');
    const { token } = telemetry.settings;
    // Without a token nobody can read them: then nothing is counted, and the library is not even loaded.
    const metrics = token === null ? null : new (await import('./metrics.ts')).Metrics(telemetry);
    app.addHook('onClose', async () => metrics?.close());
    app.route({
      method: 'GET',
      url: '/metrics',
      // A scraper has no session: it shows a token of its own.
      config: { access: { who: 'public' } },
      schema: {
        summary: 'Métricas no formato do Prometheus; exige Authorization: Bearer com METRICS_TOKEN',
        tags: ['Saúde'],
        produces: ['text/plain'],
      },
      handler: async (request, reply) => {
        if (token === null || metrics === null) throw refused('Defina METRICS_TOKEN para ler as métricas.');
        if (!isToken(request.headers.authorization, token)) throw refused('Token de métricas ausente ou errado.');
        return reply
          .header('cache-control', 'no-store')
          .type(metrics.contentType)
          .send(await metrics.text());
      },
    });
  },
  { name: 'balto-metrics', fastify: '5.x' },
);

function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

function refused(message: string): BaltoError {
  return new BaltoError({ code: 'BALTO_METRICS_TOKEN', message, statusCode: 401 });
}
