import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { openHouse, startHttpServer } from '../../helpers/http-server.ts';

/** The specification's own schema of a document, from https://spec.openapis.org/oas/3.1/schema/2026-08-03. */
const SCHEMA = new URL('../../fixtures/openapi/schema-3.1.json', import.meta.url);

interface Operation {
  tags?: string[];
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: unknown }> };
  responses: Record<string, { description?: string; content?: Record<string, { schema?: unknown }> }>;
}

interface Document {
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
}

t.test('the document is what OpenAPI 3.1 asks for, and says what the routes do', async (t) => {
  const { get } = await startHttpServer(t, await openHouse(t));
  const document = (await (await get('/docs/json')).json()) as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, name: `${method} ${path}`, operation })),
  );

  t.test('it holds against the specification’s schema', async (t) => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
    const validate = ajv.compile(JSON.parse(await readFile(SCHEMA, 'utf8')) as object);
    validate(document);
    t.same(validate.errors ?? [], []);
    t.notOk(validate({ ...document, openapi: '3.1.0', info: {} }), 'the schema can say no');
  });

  t.test('every tag is introduced, every parameter of a path is described', async (t) => {
    const tags = new Set(document.tags.map(({ name }) => name));
    for (const { path, name, operation } of operations) {
      t.same(
        (operation.tags ?? []).filter((tag) => !tags.has(tag)),
        [],
        name,
      );
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, each]) => each);
      const described = (operation.parameters ?? []).filter((each) => each.in === 'path').map((each) => each.name);
      t.same(described.sort(), inPath.sort(), name);
    }
  });

  t.test('every answer says what it holds; refusals under /api/v1 are problem details', async (t) => {
    for (const { path, name, operation } of operations) {
      const isHealth = path.startsWith('/health') || path === '/ws';
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (status.startsWith('2') && status !== '204') t.ok(content, `${name} ${status} has a body`);
      }
      if (path.startsWith('/api/v1/')) {
        t.same(Object.keys(operation.responses['4XX']?.content ?? {}), ['application/problem+json'], name);
        t.same(Object.keys(operation.responses['5XX']?.content ?? {}), ['application/problem+json'], name);
      } else if (!isHealth) t.ok(operation.responses['4XX'], name);
    }
  });

  t.test('what explain, simulate, drafts and versions take and tell is described field by field', async (t) => {
    const bodyOf = (path: string) =>
      document.paths[path]?.['post']?.requestBody?.content['application/json']?.schema as {
        properties: Record<string, { items?: { required?: string[]; properties?: object } }>;
      };
    for (const path of ['/api/v1/routing/explain', '/api/v1/routing/simulate']) {
      const rule = bodyOf(path).properties['rules']?.items;
      t.match(
        rule,
        { required: ['id', 'priority', 'when', 'use', 'mode'], properties: { hedge: {}, shadow: {} } },
        path,
      );
      t.ok(bodyOf(path).properties['draft'], path);
    }
    const draft = JSON.stringify(document.paths['/api/v1/drafts/{id}']?.['get']?.responses['200']);
    for (const field of ['baseVersion', 'validation', 'warnings', 'probes', 'canary', 'section', 'value']) {
      t.match(draft, `"${field}"`);
    }
    const version = JSON.stringify(document.paths['/api/v1/versions/{n}']?.['get']?.responses['200']);
    for (const field of ['before', 'after', 'section', 'clientId', 'counterId']) t.match(version, `"${field}"`);
  });
});
