// Given to every test file's process (.taprc): what the sources compile to is kept from one to the next, as `npm start` does.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/balto', import.meta.url)));
