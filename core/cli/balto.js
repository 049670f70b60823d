#!/usr/bin/env node
// The entry of the command line, in the syntax of every Node that may be found: it says what to do where the sources
// themselves could not even be read.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`O Balto precisa do Node 22.18 ou mais novo; este é o ${process.versions.node}.
Rode pelo npm na pasta do repositório, que usa o Node instalado por "npm ci":
    npm ci && npm start
Se "npm ci" rodou com --ignore-scripts, esse Node não foi instalado: rode "npm rebuild node", ou instale o Node 24.`);
  process.exit(1);
}
// The sources; the build beside this file; the build of an installed package, whose sources do not come with it.
const places = ['./main.ts', './main.js', '../../dist/core/cli/main.js'];
const place = places.find((path) => existsSync(new URL(path, import.meta.url))) ?? './main.js';
// What the sources were compiled to is kept beside the packages: a sixth of a start's CPU (decision 0165). Where nothing
// can be written there, Balto only starts slower.
if (place === './main.ts')
  module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/balto', import.meta.url)));
await import(place);
