import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import t from 'tap';
import { VARIABLES } from '../../config/environment.ts';
import { envExample } from '../../core/cli/env-example-text.ts';
import { registeredApp } from '../../core/cli/registered.ts';

const file = await readFile(new URL('../../.env.example', import.meta.url), 'utf8');

t.test('.env.example is what the schema and the plugins say (npm run docs:env)', async (t) => {
  const app = await registeredApp();
  t.teardown(() => app.close());
  t.equal(file, envExample(app.balto.registry));
  const declared = [
    ...VARIABLES.map(({ env }) => env),
    ...app.balto.registry.vendors().flatMap(({ env }) => env ?? []),
  ];
  for (const variable of declared) t.match(file, new RegExp(`^#?${variable}=`, 'm'), variable);
});

t.test('a copy of it changes nothing: only keys stand uncommented, and empty', async (t) => {
  const values = parseEnv(file);
  t.ok(Object.keys(values).length > 0);
  for (const [variable, value] of Object.entries(values)) t.equal(value, '', variable);
});
