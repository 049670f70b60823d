import { sql } from 'kysely';
import t from 'tap';
import type { Store } from '../../../core/store/index.ts';
import { forEachDatabase } from '../../helpers/databases.ts';

const by = { actor: 'admin:ana' };
const CONSENT = { granted: true as const, basis: 'consentimento', textVersion: '2026-11' };
const VECTOR = Float32Array.of(0.5, -1, 2.25);
const MODEL = 'speaker/acme:m1';

async function pharmacy(store: Store, email: string): Promise<string> {
  return (await store.clients.create({ email, companyName: email })).client.clientId;
}

t.test('the voices of employees', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const { employees, voices } = store;
    const clientId = await pharmacy(store, 'a@x');
    const other = await pharmacy(store, 'b@x');
    const sample = (name: string, more: object = {}) => ({
      clientId,
      of: { name },
      vector: VECTOR,
      model: MODEL,
      speechMs: 4000.4,
      fileName: 'ana.wav',
      consent: null,
      ...more,
    });

    t.test('a voice without a consent waits; with one it is compared; the same name takes its place', async (t) => {
      const first = await voices.enrol(sample('Ana'), by);
      t.match(first, {
        name: 'Ana',
        consent: 'a_confirmar',
        voice: { state: 'cadastrada', model: MODEL, speechMs: 4000, fileName: 'ana.wav' },
      });
      const again = await voices.enrol(sample(' Ana ', { consent: CONSENT, model: 'speaker/acme:m2' }), by);
      t.match(again, { id: first?.id, consent: 'confirmado', voice: { model: 'speaker/acme:m2' } });
      const third = await voices.enrol(sample('Ana'), by);
      t.equal(third?.consent, 'confirmado', 'who agreed once is not asked for each recording');
      const record = await employees.consents(clientId, first?.id ?? 0);
      t.match(record, [
        { event: 'a_confirmar', author: 'admin:ana', basis: null },
        { event: 'confirmado', basis: 'consentimento', textVersion: '2026-11' },
      ]);
      t.equal(record?.length, 2);
    });

    t.test('in the database it is sealed, bound to its row and its model', async (t) => {
      const bea = await voices.enrol(sample('Bea'), by);
      const { voices: opened } = await voices.of(clientId);
      t.same(opened.find(({ name }) => name === 'Bea')?.vector, VECTOR);
      const row = () =>
        store.db.system((trx) =>
          trx
            .selectFrom('funcionarios')
            .selectAll()
            .where('id', '=', bea?.id ?? 0)
            .executeTakeFirstOrThrow(),
        );
      const sealed = (await row()).voz ?? '';
      t.match(sealed, /^v1\./);
      t.notOk(sealed.includes(Buffer.from(VECTOR.buffer).toString('base64').slice(0, 8)));
      await store.db.system((trx) =>
        trx
          .updateTable('funcionarios')
          .set({ embedding_modelo: 'speaker/acme:outro' })
          .where('nome', '=', 'Bea')
          .execute(),
      );
      t.notOk(
        (await voices.of(clientId)).voices.some(({ name }) => name === 'Bea'),
        'under another model it does not open',
      );
      await store.db.system((trx) =>
        trx.updateTable('funcionarios').set({ embedding_modelo: MODEL }).where('nome', '=', 'Bea').execute(),
      );
    });

    t.test('who leaves, or takes the consent back, leaves no voice behind', async (t) => {
      const caio = await voices.enrol(sample('Caio', { consent: CONSENT }), by);
      const id = caio?.id ?? 0;
      const withdrawn = await employees.consent(clientId, id, { granted: false }, by);
      t.match(withdrawn, { consent: 'retirado', voice: { state: 'apagada', model: null, fileName: null } });
      await voices.enrol(sample('Caio'), by);
      await employees.replaceShifts(clientId, id, [{ weekday: 0, startMinute: 480, endMinute: 1080 }], by);
      t.ok(await employees.remove(clientId, id, by));
      t.equal(await employees.byId(clientId, id), null);
      t.equal(await employees.shifts(clientId, id), null);
      const stored = await sql<{
        all: string;
      }>`select row_to_json(f)::text as all from funcionarios f where id = ${id}`.execute(store.db.kysely);
      t.match(JSON.parse(stored.rows[0]?.all ?? ''), {
        nome: `Funcionário apagado #${id}`,
        voz: null,
        voz_situacao: 'apagada',
      });
      const events = (await employees.consents(clientId, id))?.map(({ event }) => event);
      t.same(events, ['confirmado', 'retirado', 'voz_apagada', 'a_confirmar', 'voz_apagada']);
      t.ok(await voices.enrol(sample('Caio'), by), 'the name is free again');
      const audit = JSON.stringify(await store.audit.list(50));
      t.notOk(/Caio|Ana|Bea/.test(audit), 'the audit, which is kept, names nobody');
    });

    t.test('shifts are replaced whole, and belong to the client’s own employees', async (t) => {
      const dora = await employees.create(clientId, 'Dora', by);
      const night = [{ weekday: 6, startMinute: 1320, endMinute: 360 }];
      await employees.replaceShifts(clientId, dora.id, [{ weekday: 1, startMinute: 0, endMinute: 1439 }], by);
      const changed = await employees.replaceShifts(clientId, dora.id, night, by);
      t.equal(changed?.revision, dora.revision + 2);
      t.same(await employees.shifts(clientId, dora.id), night);
      t.equal(await employees.replaceShifts(other, dora.id, night, by), null);
      t.equal(await employees.byId(other, dora.id), null);
      t.equal(await voices.enrol(sample('', { clientId: other, of: { id: dora.id } }), by), null);
      await t.rejects(employees.rename(clientId, dora.id, 'Ana', by), { code: 'BALTO_EMPLOYEE_NAME_TAKEN' });
      await t.rejects(employees.rename(clientId, dora.id, 'Dora Lima', by, 1), { code: 'BALTO_HTTP_STALE' });
      t.match(await employees.rename(clientId, dora.id, 'Dora Lima', by, 3), { name: 'Dora Lima', revision: 4 });
    });

    t.test('somebody whose voice was of another model is marked, until it is taken anew', async (t) => {
      const marked = await voices.markForEnrolment(clientId, 'Eva', 'eva.wav', by);
      t.match(marked, { voice: { state: 'recadastrar', fileName: 'eva.wav' }, consent: 'ausente' });
      t.notOk((await voices.of(clientId)).voices.some(({ id }) => id === marked.id));
      await voices.enrol(sample('Eva'), by);
      t.equal((await voices.markForEnrolment(clientId, 'Eva', null, by)).voice.state, 'cadastrada', 'not again');
    });

    t.test('every change is told to this process and numbered for the others', async (t) => {
      const told: string[] = [];
      store.voiceChanges.on('changed', (id) => told.push(id));
      const before = (await voices.revisions([clientId, other])).get(clientId) ?? 0;
      const fred = await employees.create(clientId, 'Fred', by);
      await voices.enrol(sample('Fred'), by);
      await voices.erase(clientId, fred.id, by);
      t.same(told, [clientId, clientId, clientId]);
      t.equal((await voices.revisions([clientId])).get(clientId), before + 3);
      t.equal((await voices.of(clientId)).revision, before + 3);
    });

    t.test('the list goes by name, page by page', async (t) => {
      const first = await employees.page(clientId, undefined, 2);
      t.equal(first.items.length, 2);
      const rest = await employees.page(clientId, undefined, 100, first.next ?? undefined);
      const names = [...first.items, ...rest.items].map(({ name }) => name);
      t.same(names, [...names].sort());
      t.same(
        (await employees.page(clientId, 'dora', 10)).items.map(({ name }) => name),
        ['Dora Lima'],
      );
      t.same((await employees.page(other, undefined, 10)).items, []);
    });
  }),
);
