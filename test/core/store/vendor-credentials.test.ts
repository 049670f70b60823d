import t from 'tap';
import { forEachDatabase } from '../../helpers/databases.ts';

const by = { actor: 'admin:ana', why: 'contrato novo' };
const SECRET = 'sk-0123456789abcdef';

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const { credentials, configVersions } = store;
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'A' });
    const input = (more: object = {}) => ({
      clientId: null,
      vendor: 'acme',
      label: 'principal',
      credential: { apiKey: SECRET, region: 'eu' },
      secret: SECRET,
      ...more,
    });

    t.test('a key is shown by its last four characters, and nowhere else', async (t) => {
      const added = await credentials.add(input(), by);
      t.match(added, {
        vendor: 'acme',
        label: 'principal',
        lastFour: 'cdef',
        createdBy: 'admin:ana',
        disabledAt: null,
      });
      const short = await credentials.add(input({ secret: 'curta', credential: { apiKey: 'curta' } }), by);
      t.equal(short.lastFour, '', 'half of a short one would be told');
      const rows = await store.db.system((trx) => trx.selectFrom('vendor_credentials').selectAll().execute());
      const told = JSON.stringify([rows, await credentials.list(), await store.audit.list()]);
      t.notMatch(told, SECRET.slice(0, 12));
      t.match(await store.audit.list(2), [{}, { action: 'credential.add', why: 'contrato novo' }]);
      t.match(await credentials.open([added.id]), [{ credential: { apiKey: SECRET, region: 'eu' }, problem: null }]);
    });

    t.test('the same key twice for the same owner is refused; another owner may have it', async (t) => {
      await t.rejects(credentials.add(input({ label: 'de novo' }), by), {
        code: 'BALTO_CREDENTIAL_KNOWN',
        statusCode: 409,
        message: /principal/u,
      });
      t.ok(await credentials.add(input({ clientId: client.clientId }), by));
      t.equal((await credentials.list({ clientId: client.clientId })).length, 1);
      t.equal((await credentials.list({ clientId: null, vendor: 'acme' })).length, 2);
      t.same(await credentials.list({ vendor: 'other' }), []);
    });

    t.test('a sealed key copied to another row does not open there', async (t) => {
      const [ours] = await credentials.list({ clientId: client.clientId });
      const other = await credentials.add(
        input({ secret: 'sk-another-secret', credential: { apiKey: 'sk-another-secret' } }),
        by,
      );
      await store.db.system(async (trx) => {
        const row = await trx
          .selectFrom('vendor_credentials')
          .select('sealed')
          .where('id', '=', ours?.id ?? '')
          .executeTakeFirstOrThrow();
        await trx.updateTable('vendor_credentials').set(row).where('id', '=', other.id).execute();
      });
      t.match(await credentials.open([other.id]), [{ credential: null, problem: /BALTO_SECRET_KEY/u }]);
      await store.db.system((trx) => trx.deleteFrom('vendor_credentials').where('id', '=', other.id).execute());
    });

    t.test('a key in use is not disabled; a disabled one opens for nobody', async (t) => {
      const [key] = await credentials.list({ clientId: client.clientId });
      const id = key?.id ?? '';
      const place = { clientId: client.clientId, counterId: null, section: 'credentials.acme' };
      await configVersions.activate({ ...by, changes: [{ ...place, value: { ids: [id] } }] });
      await t.rejects(credentials.disable(id, by), { code: 'BALTO_CREDENTIAL_IN_USE', statusCode: 409 });
      await configVersions.activate({ ...by, changes: [{ ...place, value: null }] });
      t.match(await credentials.disable(id, by), { id, disabledAt: Date });
      t.match(await credentials.open([id, 'nobody']), [
        { credential: null, problem: /desativada/u },
        { credential: null, problem: /não existe/u },
      ]);
      t.ok(await credentials.add(input({ clientId: client.clientId }), by), 'and may be entered again');
      t.equal(await credentials.disable('nobody', by), null);
    });

    t.test('what the vendor said of it is noted', async (t) => {
      const [key] = await credentials.list({ clientId: null });
      await credentials.noteProbe(key?.id ?? '', 'auth');
      t.match(await credentials.byIds([key?.id ?? '']), [{ probeCode: 'auth', probedAt: Date }]);
    });
  }),
);
