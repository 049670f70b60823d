import type { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from 'typebox';
import type { CatalogueImport } from '../../store/catalogue-imports-table.ts';
import { PAGE_ROWS } from '../../store/page.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, PAGE_QUERY, pageOf, sendPage } from './conventions.ts';
import { csvReport } from './import-report.ts';
import { ID, Moment, nullable } from './schemas.ts';
import { acceptUploads, Upload } from './uploads.ts';

const State = Type.Enum(
  ['lendo', 'ativando', 'conferida', 'concluida', 'recusada', 'falhou', 'desfazendo', 'desfeita'],
  { description: 'conferida: o ensaio terminou; recusada: pelo arquivo; falhou: por um erro interno, nada mudou' },
);

const Shown = Type.Object({
  id: Type.Integer(),
  clientId: Type.String(),
  fileName: Type.String(),
  bytes: Type.Integer(),
  sha256: Type.String(),
  format: nullable(Type.String({ description: 'csv, xlsx, produtos, cestas ou consulta' })),
  dryRun: Type.Boolean(),
  partial: Type.Boolean(),
  state: State,
  author: Type.String(),
  createdAt: Moment,
  finishedAt: nullable(Moment),
  read: Type.Integer({ description: 'Linhas lidas' }),
  valid: Type.Integer({ description: 'Linhas que podem entrar' }),
  position: Type.Integer({ description: 'Delas, quantas já passaram' }),
  errors: Type.Integer({ description: 'Erros nas linhas' }),
  added: Type.Integer(),
  changed: Type.Integer(),
  same: Type.Integer({ description: 'Itens que já estavam assim' }),
  canUndo: Type.Boolean(),
  failure: nullable(Type.Object({ code: Type.String(), message: Type.String() })),
});

const Issue = Type.Object({
  order: Type.Integer(),
  row: Type.Integer({ description: 'Linha do arquivo' }),
  column: nullable(Type.String()),
  code: Type.String(),
  message: Type.String(),
  item: nullable(Type.String({ description: 'Produto, nos relatórios dos arquivos do sistema original' })),
  kept: nullable(Type.Boolean({ description: 'O produto entrou; null: é um erro' })),
  rule: nullable(Type.String({ description: 'Regra que decidiu' })),
});

const ONE = Type.Object({ ...ID.properties, import: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
const OPTIONS = Type.Object({
  fileName: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Só para mostrar' })),
  dryRun: Type.Optional(Type.Boolean({ default: false, description: 'Só confere: nada muda' })),
  partial: Type.Optional(
    Type.Boolean({ default: false, description: 'Importa as linhas boas mesmo com erros nas outras' }),
  ),
  priceColumn: Type.Optional(
    Type.String({ minLength: 1, maxLength: 60, description: 'Título da coluna de preço, por exemplo PMC 18 %' }),
  ),
});
const tags = ['Catálogo'];
const READ = { access: { may: 'clients.read', client: 'params.id' } } as const;
const WRITE = { access: { may: 'lists.write', client: 'params.id' } } as const;

/** `/api/v1/clients/{id}/catalogue/imports`: a file goes in whole or not at all, and can be taken out again. */
export const catalogueImports: FastifyPluginAsyncTypebox<HttpOptions> = async (app, options) => {
  const { catalogueImports: list, imports } = options;

  await app.register(async (scope) => {
    await acceptUploads(scope, imports.spool, Object.keys(OPTIONS.properties));
    scope.withTypeProvider().route({
      method: 'POST',
      url: '/api/v1/clients/:id/catalogue/imports',
      config: WRITE,
      schema: {
        summary:
          'Importa um arquivo para o catálogo: o corpo do pedido é o arquivo (CSV, .xlsx ou JSON do sistema original), ou um formulário com ele e as opções',
        tags,
        params: ID,
        querystring: OPTIONS,
        consumes: ['application/octet-stream', 'text/csv', 'application/json', 'multipart/form-data'],
        response: { 202: Shown, ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const { id: clientId } = request.params as Static<typeof ID>;
        const {
          fileName = 'sem nome',
          dryRun = false,
          partial = false,
          priceColumn,
        } = request.query as Static<typeof OPTIONS>;
        if (!(request.body instanceof Upload)) {
          throw refuse(400, 'BALTO_HTTP_BODY', 'O corpo do pedido deve ser o arquivo.');
        }
        const order = { clientId, fileName, dryRun, partial, priceColumn };
        const begun = await imports.start(order, request.body.take(), authorOf(request));
        const path = `/api/v1/clients/${encodeURIComponent(clientId)}/catalogue/imports/${begun.id}`;
        return reply.code(202).header('location', path).send(shown(begun));
      },
    });
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/catalogue/imports',
    config: READ,
    schema: {
      summary: 'Importações do catálogo, da mais nova à mais antiga',
      tags,
      params: ID,
      querystring: Type.Object(PAGE_QUERY),
      response: { 200: pageOf(Shown), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor } = request.query;
      return sendPage(request, reply, await list.page(request.params.id, limit, cursor), shown);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/catalogue/imports/:import',
    config: READ,
    schema: {
      summary: 'Uma importação, e em que ponto está',
      tags,
      params: ONE,
      response: { 200: Shown, ...PROBLEMS },
    },
    handler: async (request) => {
      const { id, import: number } = request.params;
      return shown((await list.byId(id, number)) ?? unknown());
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/catalogue/imports/:import/issues',
    config: READ,
    schema: {
      summary: 'Erros e relatório de uma importação, na ordem do arquivo',
      tags,
      params: ONE,
      querystring: Type.Object(PAGE_QUERY),
      response: { 200: pageOf(Issue), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { id, import: number } = request.params;
      const { limit = PAGE_ROWS.usual, cursor } = request.query;
      if (!(await list.byId(id, number))) unknown();
      return sendPage(request, reply, await list.issues(id, number, limit, cursor), (issue) => issue);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/catalogue/imports/:import/report.csv',
    config: READ,
    schema: {
      summary: 'O mesmo relatório como planilha (CSV), para o farmacêutico',
      tags,
      params: ONE,
      response: {
        200: {
          description: 'CSV em UTF-8',
          content: { 'text/csv': { schema: Type.Unsafe<Readable>({ type: 'string' }) } },
        },
        ...PROBLEMS,
      },
    },
    handler: async (request, reply) => {
      const { id, import: number } = request.params;
      if (!(await list.byId(id, number))) unknown();
      reply.header('content-disposition', `attachment; filename="importacao-${number}.csv"`);
      return reply
        .type('text/csv; charset=utf-8')
        .send(csvReport((cursor) => list.issues(id, number, PAGE_ROWS.most, cursor)));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/catalogue/imports/:import/undo',
    config: WRITE,
    schema: {
      summary: 'Desfaz uma importação: o catálogo volta a ser o que era antes dela',
      tags,
      params: ONE,
      response: { 202: Shown, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { id, import: number } = request.params;
      if (!(await list.byId(id, number))) unknown();
      return reply.code(202).send(shown(await imports.undo(id, number, authorOf(request))));
    },
  });
};

function shown({ createdAt, finishedAt, ...rest }: CatalogueImport): Static<typeof Shown> {
  return { ...rest, createdAt: createdAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null };
}

function unknown(): never {
  throw refuse(404, 'BALTO_IMPORT_UNKNOWN', 'Importação não encontrada.');
}
