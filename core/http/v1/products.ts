import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import { PAGE_ROWS } from '../../store/page.ts';
import type { Product } from '../../store/product-rows.ts';
import type { HttpOptions } from '../options.ts';
import { PROBLEMS, refuse } from '../problem.ts';
import { authorOf, IF_MATCH, PAGE_QUERY, pageOf, requireRevision, sendPage, setEtag, Why } from './conventions.ts';
import {
  givenProduct,
  ProductCode,
  ProductFields,
  ProductName,
  SaleClassName,
  ShownProduct,
  shownProduct,
  TagName,
} from './product-schemas.ts';
import { ID, strict } from './schemas.ts';

const PRODUCT = Type.Object({
  ...ID.properties,
  product: Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Identificador do item' }),
});
const tags = ['Catálogo'];
const READ = { access: { may: 'clients.read', client: 'params.id' } } as const;
const WRITE = { access: { may: 'lists.write', client: 'params.id' } } as const;

/** `/api/v1/clients/{id}/catalogue/products`: a client's own items, one by one. */
export const products: FastifyPluginAsyncTypebox<HttpOptions> = async (app, { productChanges, clients }) => {
  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/catalogue/products',
    config: READ,
    schema: {
      summary: 'Itens do catálogo de um cliente, na ordem em que entraram',
      tags,
      params: ID,
      querystring: Type.Object({
        ...PAGE_QUERY,
        q: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 100,
            description: 'Parte do nome, de sinônimo, da substância ou do código',
          }),
        ),
        active: Type.Optional(Type.Boolean()),
        saleClass: Type.Optional(SaleClassName),
        tag: Type.Optional(TagName),
      }),
      response: { 200: pageOf(ShownProduct), ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { limit = PAGE_ROWS.usual, cursor, q: text, ...filter } = request.query;
      const page = await productChanges.page(request.params.id, { ...filter, text }, limit, cursor);
      return sendPage(request, reply, page, shownProduct);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/clients/:id/catalogue/products/:product',
    config: READ,
    schema: { summary: 'Um item', tags, params: PRODUCT, response: { 200: ShownProduct, ...PROBLEMS } },
    handler: async (request, reply) => {
      const { id, product } = request.params;
      return answer(reply, (await productChanges.byId(id, product)) ?? unknown());
    },
  });

  app.route({
    method: 'POST',
    url: '/api/v1/clients/:id/catalogue/products',
    config: WRITE,
    schema: {
      summary: 'Acrescenta um item; o que não se diz é desconhecido, e o desconhecido nunca é sugerido',
      tags,
      params: ID,
      body: strict({ code: ProductCode, name: ProductName, ...ProductFields, why: Why }),
      response: { 201: ShownProduct, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { why, code, name, ...fields } = request.body;
      const { id } = request.params;
      if (!(await clients.byId(id))) throw refuse(404, 'BALTO_CLIENT_UNKNOWN', 'Cliente não encontrado.');
      const item = { ...givenProduct(fields), code, name };
      const made = await productChanges.create(id, item, authorOf(request, why));
      const path = `/api/v1/clients/${encodeURIComponent(id)}/catalogue/products/${made.id}`;
      return reply.code(201).header('location', path).send(answer(reply, made));
    },
  });

  app.route({
    method: 'PATCH',
    url: '/api/v1/clients/:id/catalogue/products/:product',
    config: WRITE,
    schema: {
      summary: 'Muda um item; o que não vem fica como está, `leaflet` é trocada inteira, `active: false` o desliga',
      tags,
      params: PRODUCT,
      headers: IF_MATCH,
      body: strict({ name: Type.Optional(ProductName), ...ProductFields, why: Why }),
      response: { 200: ShownProduct, ...PROBLEMS },
    },
    handler: async (request, reply) => {
      const { why, name, ...fields } = request.body;
      const { id, product } = request.params;
      const changes = { ...givenProduct(fields), ...(name !== undefined && { name }) };
      const [by, expected] = [authorOf(request, why), requireRevision(request)];
      const changed = await productChanges.update(id, product, changes, by, expected);
      return answer(reply, changed?.after ?? unknown());
    },
  });
};

function answer(reply: FastifyReply, product: Product): Static<typeof ShownProduct> {
  setEtag(reply, product.revision);
  return shownProduct(product);
}

function unknown(): never {
  throw refuse(404, 'BALTO_PRODUCT_UNKNOWN', 'Item não encontrado no catálogo deste cliente.');
}
