import { writeFile } from 'node:fs/promises';
import { envExample } from './env-example-text.ts';
import { registeredApp } from './registered.ts';

/** `npm run docs:env`: writes `.env.example` anew from the schema and the plugins' manifests. */
const app = await registeredApp();
await writeFile(new URL('../../.env.example', import.meta.url), envExample(app.balto.registry));
await app.close();
