import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { insertInteractions } from '../../core/store/interactions.ts';
import { EMULATOR_KEY, startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { startBalto } from '../helpers/balto.ts';
import { interaction } from '../helpers/interactions.ts';
import { person } from '../helpers/people.ts';

const MANUAL = new URL('../../docs/api.md', import.meta.url);
const run = promisify(execFile);

/** What each example of the manual must leave behind, in their order. */
const LEAVES = [
  /"layer":"client".*"changed":true/,
  /"processes":\[/,
  /"kind":"change".*"version":\d+/s,
  /"status":"active"/,
  /"name":"Balcão da entrada"/,
  /"apiKey":"bk_/,
  /"kind":"virtual".*"apiKey":"bk_/,
  /"items":\[/,
  /"lastFour"/,
  /"changed":\d.*"utterances":\[/,
  /"draft":"[^"]+","decision":\{"rule":"curtas".*"canary":\{"counterIds".*\{"version":\d+/s,
  /"corrected":null.*"next":null/s,
  /"wordErrorRate"/,
  /id;timestamp;nome_balcao;.*quero um chá/s,
  /"exchange":\{"brlPerUsd"/,
  /"own":\{"microUsd":40000000/,
  /"interactions":\d.*"method".*"saving":\{/s,
  /"voice":\{"state":"sem_voz"/,
  /"ready":true.*"backups":\{"lastAt":null/,
];

const isThere = await run('curl', ['--version']).then(
  () => true,
  () => false,
);

t.test('every example of docs/api.md does what it says', { skip: isThere ? false : 'no curl here' }, async (t) => {
  const listening = new Coverage(await wavReference());
  const vendors = { deepgram: await startDeepgram({ listening }), elevenlabs: await startElevenLabs({ listening }) };
  const balto = await startBalto(t, { vendors });
  const { store } = balto.balto;
  const owner = await person(store, { clientId: null, role: 'owner' });
  const scopes = ['clients.read', 'counters.write', 'providers.write', 'routing.write', 'limits.write'] as const;
  const more = ['secrets.write', 'interactions.read', 'reviews.write', 'employees.write'] as const;
  const input = { userId: owner.id, clientId: null, name: 'x', scopes: [...scopes, ...more], expiresAt: null };
  const { secret } = await store.tokens.create(input, { actor: 'cli' });
  const row = interaction({
    id: store.ids.nextId(),
    clientId: balto.clientId,
    transcript: 'quero um chá',
    decision: {},
  });
  await store.db.system((trx) => insertInteractions(trx, [row]));
  const waiting = await store.counters.register(balto.clientId, 'Caixa 2', 'pending');
  const before = await store.configVersions.newest();
  const env = {
    PATH: process.env['PATH'],
    BALTO: balto.url,
    TOKEN: secret,
    CLIENT: balto.clientId,
    COUNTER: waiting.counter.counterId,
    VERSION: String(before),
    VENDOR_KEY: EMULATOR_KEY,
    INTERACTION: String(row.id),
  };
  const manual = await readFile(MANUAL, 'utf8');
  const examples = [...manual.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? '');
  t.equal(examples.length, LEAVES.length, 'every example is expected');
  for (const [index, example] of examples.entries()) {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', example], { env });
    t.match(stdout, LEAVES[index], example.slice(0, example.indexOf('\n')));
  }
  t.match(await store.counters.byId(waiting.counter.counterId), { name: 'Balcão da entrada', status: 'active' });
  t.equal(await store.counters.byKey(waiting.apiKey), null, 'its key was changed');
  t.match(await store.configVersions.history({ limit: 5 }), [
    { kind: 'change' },
    { kind: 'change', why: 'ouviu melhor' },
    { kind: 'change', why: 'experiência' },
    { kind: 'change' },
    { kind: 'rollback' },
  ]);
});
