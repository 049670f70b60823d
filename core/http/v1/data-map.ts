import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import { counted } from '../../counted.ts';
import type { ConfiguredProvider } from '../../registry/configured.ts';
import type { DataProtection, LegalBasisRecord } from '../../store/data-protection-table.ts';
import { localDay } from '../../wall-clock.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { noticePage } from './notice-page.ts';
import { ID, Moment, nullable } from './schemas.ts';

/** What each kind of provider is given of a customer's; kinds that run on figures alone are not listed. */
const GIVEN: Readonly<Record<string, string>> = {
  stt: 'o áudio da fala',
  llm: 'o texto mascarado da conversa',
  embeddings: 'textos do catálogo e da conversa, mascarados',
  speaker: 'o áudio da fala',
};
/** Vendors whose manifest says that nothing leaves the machine. */
const LOCAL = 'local';

const Recipient = Type.Object({
  vendor: Type.String(),
  title: Type.String(),
  provider: Type.String(),
  receives: Type.String(),
  region: Type.String({ description: 'Onde o fornecedor diz tratar os dados; local: não saem desta máquina' }),
  hosts: Type.Array(Type.String({ description: 'Para onde os dados são enviados' })),
  keeps: Type.String({ description: 'Por quanto tempo' }),
});

const Kept = Type.Object({
  what: Type.String(),
  where: Type.String(),
  howLong: Type.String(),
});

const DataMap = Type.Object({
  clientId: Type.String(),
  controller: Type.String({ description: 'O cliente' }),
  at: Moment,
  kept: Type.Array(Kept),
  recipients: Type.Array(Recipient),
  bases: Type.Array(
    Type.Object(
      { purpose: Type.String(), basis: Type.String(), validUntil: nullable(Moment) },
      {
        description: 'As bases legais que valem; as que faltam não foram registradas',
      },
    ),
  ),
  missing: Type.Array(Type.String({ description: 'O que falta registrar' })),
});

export type DataMap = Static<typeof DataMap>;

const tags = ['Proteção de dados'];
const config = { access: { may: 'clients.read', client: 'params.id' } } as const;

/** Where a client's data goes, how long it stays, and the notice that hangs at the counter. */
export const dataMap: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { clients, dataProtection, configDoors, clock } = options;
  const mapOf = async (clientId: string): Promise<DataMap> => {
    const client = await clients.byId(clientId);
    if (!client) throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
    const [protection, bases] = await Promise.all([dataProtection.of(clientId), dataProtection.bases(clientId)]);
    const now = clock.date();
    const inForce = bases.filter(({ endedAt, validUntil }) => endedAt === null && (!validUntil || validUntil > now));
    const { configured } = configDoors.configuration.for(clientId, null);
    return {
      clientId,
      controller: client.companyName,
      at: now.toISOString(),
      kept: keptOf(protection, now),
      recipients: Object.values(configured).flat().flatMap(recipientOf),
      bases: inForce.map(({ purpose, basis, validUntil }) => ({
        purpose,
        basis,
        validUntil: validUntil?.toISOString() ?? null,
      })),
      missing: missingOf(protection, inForce, now),
    };
  };

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/data-map',
    config,
    schema: {
      summary: 'Mapa de dados: o que se guarda, por quanto tempo, e que fornecedor recebe o quê, onde',
      tags,
      params: ID,
      response: { 200: DataMap, ...PROBLEMS },
    },
    handler: (request) => mapOf(request.params.id),
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/notice',
    exposeHeadRoute: false,
    config,
    schema: {
      summary: 'Aviso para imprimir e pôr no balcão (HTML)',
      tags,
      params: ID,
      produces: ['text/html'],
      response: { 200: Type.String({ description: 'Página' }), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const page = noticePage(await mapOf(request.params.id));
      return reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
        .send(page as never); // a page: the schema is documentation
    },
  });
};

function keptOf({ retention, audio }: DataProtection, now: Date): Static<typeof Kept>[] {
  const where = 'neste Balto';
  const isOn = audio !== null && audio.until > now;
  return [
    {
      what: 'texto das falas, sem CPF, telefones, cartões, e-mails e nomes anunciados',
      where,
      howLong: counted(retention.transcriptDays, 'dia', 'dias'),
    },
    { what: 'medidas das falas, sem texto', where, howLong: counted(retention.metricsMonths, 'mês', 'meses') },
    {
      what: 'áudio das falas',
      where,
      howLong: isOn
        ? audioTerm(retention.audioDays, audio.until)
        : 'não é guardado: some da memória quando a fala é transcrita',
    },
    { what: 'auditoria de quem leu e mudou, sem o que foi dito', where, howLong: 'no mínimo 5 anos' },
  ];
}

function audioTerm(days: number, until: Date): string {
  const end = localDay(until).split('-').reverse().join('/');
  return days > 0 ? `${counted(days, 'dia', 'dias')}, e nunca depois de ${end}` : `até ${end}`;
}

function recipientOf({
  kind,
  address,
  vendor,
  provider,
  settings,
  missing,
}: ConfiguredProvider): Static<typeof Recipient>[] {
  const receives = GIVEN[kind];
  if (receives === undefined || missing !== null) return [];
  const { capabilities } = provider;
  const stated = typeof capabilities === 'function' ? capabilities(settings) : capabilities;
  const region = 'region' in stated ? stated.region : vendor.region;
  const isLocal = region === LOCAL;
  return [
    {
      vendor: vendor.id,
      title: vendor.title,
      provider: address,
      receives,
      region,
      hosts: vendor.hosts ?? [],
      keeps: isLocal ? 'não guarda' : (vendor.keeps?.(settings) ?? 'conforme o contrato com o fornecedor'),
    },
  ];
}

function missingOf({ audio }: DataProtection, bases: readonly LegalBasisRecord[], now: Date): string[] {
  const has = (purpose: string) => bases.some((basis) => basis.purpose === purpose);
  return [
    ...(has('atendimento') ? [] : ['base legal do atendimento (POST …/legal-bases, purpose atendimento)']),
    ...(audio && audio.until > now && !has('guarda_de_audio')
      ? ['base legal da guarda de áudio (POST …/legal-bases, purpose guarda_de_audio)']
      : []),
  ];
}
