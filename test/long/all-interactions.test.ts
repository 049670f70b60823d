import { sql } from 'kysely';
import t from 'tap';
import { insertInteractions, patchInteraction } from '../../core/store/interactions.ts';
import { insertShadow } from '../../core/store/shadow.ts';
import { apiOf, everyPage, ownerApi } from '../helpers/admin-api.ts';
import { forEachDatabase } from '../helpers/databases.ts';
import { openHouse, startHttpServer } from '../helpers/http-server.ts';
import { interaction, shadow } from '../helpers/interactions.ts';
import { sessionOf } from '../helpers/people.ts';

const NOON = Date.parse('2026-11-21T15:00:00.000Z');
type Row = Partial<Parameters<typeof interaction>[0]>;

t.test('interactions are found, exported and queued by one filter', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store } = house;
    const server = await startHttpServer(t, house);
    const owner = await ownerApi(server);
    const cookie = await server.login();
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'A' });
    const { client: other } = await store.clients.create({ email: 'b@x', companyName: 'B' });
    const { clientId } = client;
    const { counter } = await store.counters.register(clientId, 'Balcão da frente');
    let minutes = 0;
    const heard = async (transcript: string | null, fields: Row = {}) => {
      const timestamp = new Date(NOON + minutes++ * 60_000);
      const whose = { clientId, counterId: counter.counterId, timestamp };
      const row = interaction({ id: store.ids.nextId(), ...whose, transcript, ...fields });
      await store.db.system((trx) => insertInteractions(trx, [row]));
      return row.id;
    };
    const idsOf = async (query: string): Promise<number[]> => {
      const { status, body } = await owner('GET', `/interactions?clientId=${clientId}&${query}`);
      t.equal(status, 200, `${query} ${JSON.stringify(body.detail)}`);
      return body.items.map(({ id }: { id: number }) => id);
    };
    const q = (text: string) => idsOf(`q=${encodeURIComponent(text)}`);

    const injection = await heard('o senhor tem injeções de dipirona?');
    const cough = await heard('estou com tosse e dor de cabeça', {
      recommendation: 'S: Xarope de guaco',
      decision: { address: 'stt/acme:dois', rule: 'curtas' },
    });
    const price = await heard('quanto custa a dipirona', { interactionType: 'discarded_ia', employeeId: 7 });
    await heard('tosse', { clientId: other.clientId, counterId: 'outro' });

    t.test(
      'words in any form, with and without accents, begun, beside each other, and what was suggested',
      async (t) => {
        t.same(await q('injecao'), [injection], 'another form, without accents');
        t.same(await q('Injeção '), [injection]);
        t.same(await q('dipir'), [price, injection], 'newest first, by its begin');
        t.same(await q('dipir '), await q('dipirona '), 'a whole word that nobody says: the one most like it');
        t.same(await q('dipirona injeções'), [injection], 'every word must be there');
        t.same(await q('"dor de cabeça"'), [cough]);
        t.same(await q('"cabeça de dor"'), []);
        t.same(
          await q('de'),
          [injection].concat(cough).sort((a, b) => b - a),
          'a word that says nothing, alone',
        );
        t.same(await q('guaco'), [cough], 'what was suggested');
        for (const wild of [
          "'",
          '\\',
          '& | ! ( )',
          ':*',
          "a' | 'b",
          '<->',
          '"',
          '%',
          ' u:',
          `' u:${other.clientId}'`,
        ]) {
          t.same(await q(wild), [], `${wild} asks nothing of the index`);
        }
      },
    );

    t.test('a slip is put right, said, and kept to on the next page', async (t) => {
      const { body } = await owner('GET', `/interactions?clientId=${clientId}&q=tipirona&limit=1`);
      t.match(body, { corrected: 'dipirona', items: [{ id: price }] });
      const next = await owner('GET', `/interactions?clientId=${clientId}&q=tipirona&limit=1&cursor=${body.next}`);
      t.match(next.body, { corrected: 'dipirona', next: null, items: [{ id: injection }] });
      t.equal((await owner('GET', `/interactions?clientId=${clientId}&q=dipirona`)).body.corrected, null);
    });

    t.test('filters, alone and together; the same in the older list and in the export', async (t) => {
      await owner('POST', `/interactions/${price}/reviews`, { transcriptOk: true, recommendation: 'errada' });
      const cases: [query: string, old: string, ids: number[]][] = [
        ['card=true', 'cartao=true', [cough]],
        ['card=false', 'cartao=false', [price, injection]],
        ['reviewed=true', 'avaliada=true', [price]],
        ['reviewed=false', 'avaliada=false', [cough, injection]],
        ['verdict=errada', 'parecer=errada', [price]],
        ['type=discarded_ia', 'tipo=discarded_ia', [price]],
        ['employeeId=7', 'funcionario_id=7', [price]],
        ['provider=stt/acme', 'provedor=stt/acme', [cough]],
        ['provider=stt/acme:dois', 'provedor=stt/acme:dois', [cough]],
        ['provider=stt/acme:um', 'provedor=stt/acme:um', []],
        [
          `counterId=${counter.counterId}&q=dipirona`,
          `balcao_id=${counter.counterId}&busca=dipirona`,
          [price, injection],
        ],
        [
          'from=2026-11-21T15:01:00Z&to=2026-11-21T15:02:00Z',
          'inicio=2026-11-21T15:01:00Z&fim=2026-11-21T15:02:00Z',
          [cough],
        ],
        ['q=tipirona', 'busca=tipirona', [price, injection]],
      ];
      for (const [index, [query, old, ids]] of cases.entries()) {
        t.same(await idsOf(query), ids, query);
        const list = await server.get(`/api/data/interacoes?cliente_id=${clientId}&${old}`, { cookie });
        t.same(
          ((await list.json()) as { id: number }[]).map(({ id }) => id),
          ids,
          old,
        );
        if (index % 4 !== 0) continue; // each is a thread of its own
        const csv = await server.get(`/api/export/csv?cliente_id=${clientId}&${old}`, { cookie });
        const lines = (await csv.text()).trim().split('\r\n').slice(1);
        t.same(
          lines.map((line) => Number(line.split(';')[0])),
          ids,
          `export ${old}`,
        );
      }
      const bad = await owner('GET', '/interactions?verdict=talvez');
      t.match(bad, { status: 400, body: { field: 'verdict' } });
    });

    t.test('the index follows the row: a later card, a feedback, texts that expire', async (t) => {
      const id = await heard('bom dia');
      await store.db.system((trx) => patchInteraction(trx, id, { transcript: 'bom dia, queria melatonina' }));
      t.same(await q('melatonina'), [id]);
      await store.db.system((trx) => patchInteraction(trx, id, { feedback: 'recusado' }));
      t.same(await idsOf('feedback=recusado'), [id]);
      await store.db.system((trx) => patchInteraction(trx, id, { transcript: null }));
      t.same(await q('melatonina'), []);
      await store.db.system((trx) => sql`delete from interacoes where id = ${id}`.execute(trx));
      const left = await sql`select 1 from interacoes_busca where id = ${id}`.execute(store.db.kysely);
      t.equal(left.rows.length, 0);
    });

    t.test('the detail says what was heard, by whom, and what a second provider heard', async (t) => {
      const words = {
        confidence: 0.8,
        doubtful: 1,
        words: [{ text: 'febre', startMs: 0, endMs: 400, confidence: 0.3 }],
      };
      const id = await heard('febre', {
        words,
        promptVersion: 'p3',
        listVersion: '2026-11-01',
        modelRawResponse: '{}',
      });
      await store.db.system((trx) =>
        insertShadow(trx, id, shadow({ clientId, answer: { provider: 'stt/acme', text: 'febre' }, text: 'febril' })),
      );
      const { body } = await owner('GET', `/interactions/${id}`);
      t.match(body, {
        words,
        promptVersion: 'p3',
        listVersion: '2026-11-01',
        counterName: 'Balcão da frente',
        audioKept: false,
      });
      t.match(body.comparisons, [{ provider: 'stt/outra', text: 'febril', answered: 'febre', outcome: 'answered' }]);
      t.equal(body.textExpired, false);
      t.same(await idsOf('doubt=doubt'), [id]);
      t.same(await idsOf('doubt=shadow'), [id]);
    });

    t.test(
      'the queue: cards first, then doubts, then other words; done, it is gone; errada waits for a second one',
      async (t) => {
        const pharmacist = apiOf(server.url, await sessionOf(store, { clientId, role: 'farmaceutico' }));
        const second = await heard('tem vick', {});
        await store.db.system((trx) =>
          insertShadow(
            trx,
            second,
            shadow({ clientId, answer: { provider: 'stt/acme', text: 'tem vick' }, text: 'tem bico' }),
          ),
        );
        const waiting = await everyPage(t, pharmacist, '/reviews/queue?limit=1');
        const doubtful = (await idsOf('doubt=doubt'))[0];
        t.match(waiting, [
          { id: cough, reason: 'card' },
          { id: doubtful, reason: 'doubt' },
          { id: second, reason: 'shadow' },
          { id: price, reason: 'reported' },
        ]);
        await pharmacist('POST', `/interactions/${cough}/reviews`, { transcriptOk: true, recommendation: 'util' });
        await pharmacist('POST', `/interactions/${price}/reviews`, { transcriptOk: true, recommendation: 'util' });
        const left = await everyPage(t, pharmacist, '/reviews/queue');
        t.same(
          left.map(({ id }) => id),
          [doubtful, second],
        );
        t.match((await pharmacist('GET', '/reviews/queue?reason=shadow')).body.items, [
          { id: second },
          { id: doubtful },
        ]);
        t.match(await pharmacist('GET', `/reviews/queue?clientId=${other.clientId}`), { status: 404 });
      },
    );
  }),
);
