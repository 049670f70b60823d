import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Store } from '../../core/store/index.ts';
import { embedded, forEachDatabase } from '../helpers/databases.ts';

const by = { actor: 'admin:ana' };
const OTHER = '11'.repeat(32);

/** So many kept keys, and one kept answer. */
async function filled(store: Store, keys: number) {
  for (let index = 0; index < keys; index++) {
    const secret = `sk-0123456789-${index}`;
    const credential = { apiKey: secret };
    await store.credentials.add({ clientId: null, vendor: 'acme', label: String(index), credential, secret }, by);
  }
  const request = { principal: 'admin:ana', key: 'k', request: 'POST /x' };
  const begun = await store.idempotency.begin(request);
  if (begun.state === 'new') await begun.use.keep({ status: 201, body: '{}', headers: {} });
  const { client } = await store.clients.create({ email: 'dona@x', companyName: 'A' });
  const { counter } = await store.counters.register(client.clientId, 'Caixa');
  const of = { clientId: client.clientId, counterId: counter.counterId, sessionId: 's' };
  await store.resumes.save([{ ...of, tokenHash: 'h', state: '{"ouvido":1}', ttlMs: 60_000 }]);
  const voice = { vector: Float32Array.of(1, 2), model: 'm', speechMs: 2000, fileName: null, consent: null };
  await store.voices.enrol({ ...voice, clientId: client.clientId, of: { name: 'Ana' } }, by);
  const ids = (await store.credentials.list()).map(({ id }) => id);
  return { ids, opened: await store.credentials.open(ids), request };
}

async function sealedBy(store: Store): Promise<Set<string | undefined>> {
  const { db } = store;
  const keys = await db.system((trx) => trx.selectFrom('vendor_credentials').select('sealed').execute());
  const answers = await db.system((trx) => trx.selectFrom('idempotency_keys').select('answer').execute());
  const states = await db.system((trx) => trx.selectFrom('resume_records').select('sealed').execute());
  const voices = await db.system((trx) => trx.selectFrom('funcionarios').select('voz').execute());
  return new Set(
    [
      ...voices.map(({ voz }) => voz ?? ''),
      ...states.map(({ sealed }) => sealed),
      ...keys.map(({ sealed }) => sealed),
      ...answers.map(({ answer }) => answer ?? ''),
    ].map((each) => each.split('.')[1]),
  );
}

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const first = open.options.secretKey ?? '';
    const store = await open();
    const { ids, opened, request } = await filled(store, 230);
    const { code } = await store.clients.create({ email: 'a@x', companyName: 'A' });
    await store.close();

    const rotated = await open({ secretKey: OTHER, previousSecretKeys: [first] });
    t.same(await rotated.credentials.open(ids), opened, 'the key before still opens');
    t.ok(await rotated.clients.byCode(code), 'and knows the codes it made');
    t.match(await rotated.idempotency.begin(request), { state: 'done', answer: { status: 201 } });
    t.same(await rotated.keys.rotate(by), {
      resealed: { vendor_credentials: 230, idempotency_keys: 1, resume_records: 1, funcionarios: 1 },
      unreadable: 0,
      newKey: false,
    });
    t.same(await sealedBy(rotated), new Set([rotated.secrets.keyId]));
    t.same(
      (await rotated.keys.rotate(by)).resealed,
      { vendor_credentials: 0, idempotency_keys: 0, resume_records: 0, funcionarios: 0 },
      'nothing is left',
    );
    t.match(await rotated.audit.list(1), [{ action: 'keys.rotate', actor: 'admin:ana' }]);
    await t.rejects(
      rotated.credentials.add(
        { clientId: null, vendor: 'acme', label: 'x', credential: { apiKey: 'sk-0123456789-0' }, secret: 'x' },
        by,
      ),
      { code: 'BALTO_CREDENTIAL_KNOWN' },
      'a key is known again by its new fingerprint',
    );
    await rotated.close();

    const without = await open({ secretKey: OTHER });
    t.same(await without.credentials.open(ids), opened, 'the one before is not needed any more');
    await without.close();
    const lost = await open({ secretKey: '22'.repeat(32) });
    t.match(await lost.keys.rotate(by), { unreadable: 233, resealed: { vendor_credentials: 0 } }, 'and none is spoilt');
    await lost.close();
    t.same(await (await open({ secretKey: OTHER })).credentials.open(ids), opened);
  }),
);

t.test(
  'where Balto keeps its own key, a rotation makes a new one while it runs, and goes on if it was cut short',
  async (t) => {
    const open = await embedded(t);
    const store = await open({ secretKey: undefined });
    const { ids, opened } = await filled(store, 3);
    const { keyId } = store.secrets;
    const lines = async () => (await readFile(join(open.options.dataDir, 'secret.key'), 'utf8')).trim().split('\n');
    t.equal((await lines()).length, 1);
    t.match(await store.keys.rotate(by), { newKey: true, resealed: { vendor_credentials: 3 } });
    t.not(store.secrets.keyId, keyId);
    t.equal((await lines()).length, 2);
    t.same(await sealedBy(store), new Set([store.secrets.keyId]));
    const key = await lines();
    // Cut short: a value of the key before is still there.
    await store.close();
    const [, before = ''] = key;
    const half = await open({ secretKey: before, previousSecretKeys: [key[0] ?? ''] });
    await half.keys.rotate(by);
    await half.close();
    const again = await open({ secretKey: undefined });
    t.match(await again.keys.rotate(by), { newKey: false, resealed: { vendor_credentials: 3 } });
    t.same(await lines(), key, 'no third key was made');
    t.same(await again.credentials.open(ids), opened);
  },
);
