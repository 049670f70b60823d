import t from 'tap';
import { insertInteractions } from '../../../../core/store/interactions.ts';
import { insertUsage } from '../../../../core/store/usage.ts';
import { apiOf, everyPage, ownerApi } from '../../../helpers/admin-api.ts';
import { forEachDatabase } from '../../../helpers/databases.ts';
import { openHouse, startHttpServer } from '../../../helpers/http-server.ts';
import { interaction, usage } from '../../../helpers/interactions.ts';
import { sessionOf } from '../../../helpers/people.ts';

t.test('reviews, what they say of providers and clients, and the alert of an unsafe card', (t) =>
  forEachDatabase(t, async (t, open) => {
    const house = await openHouse(t, open);
    const { store, clock } = house;
    const server = await startHttpServer(t, house);
    const owner = await ownerApi(server);
    const clients = await Promise.all(
      ['a@x', 'b@x'].map(async (email) => (await store.clients.create({ email, companyName: email })).client.clientId),
    );
    const [mine = '', other = ''] = clients;
    const ana = apiOf(server.url, await sessionOf(store, { clientId: mine, role: 'farmaceutico' }));
    const heard = async (transcript: string, address: string, clientId = mine) => {
      const row = interaction({
        id: store.ids.nextId(),
        clientId,
        transcript,
        sttModel: 'acme',
        costMicroUsd: 21,
        decision: { rule: 'lista', address, attempts: [{ address, outcome: 'answered' }] },
      });
      await store.db.system(async (trx) => {
        await insertInteractions(trx, [row]);
        await insertUsage(trx, [usage({ clientId, interactionId: row.id })]);
      });
      return row.id;
    };
    const review = (id: number, body: object, api = ana) => api('POST', `/interactions/${id}/reviews`, body);

    t.test('the newest of a person holds, the earlier ones stay in the history', async (t) => {
      const id = await heard('quero um chá rope', 'stt/acme');
      const first = await review(id, { transcriptOk: true, recommendation: 'util' });
      t.match(first, { status: 201, body: { interactionId: id, words: 4, errors: 0, provider: 'stt/acme' } });
      const correctedText = 'quero um xarope';
      const second = await review(id, { transcriptOk: false, correctedText, recommendation: null, note: 'ruído' });
      t.match(second.body, { words: 3, errors: 2, note: 'ruído', replacedAt: null });
      await review(id, { transcriptOk: true, recommendation: null }, owner);
      const path = `/reviews?interactionId=${id}`;
      t.equal((await everyPage(t, ana, `${path}&limit=1`)).length, 2, 'one of each person');
      const history = (await ana('GET', `${path}&history=true`)).body.items;
      t.equal(history.length, 3);
      t.equal(history.filter((each: { replacedAt: string | null }) => each.replacedAt !== null).length, 1);
      const audit = JSON.stringify(await store.audit.list(5));
      t.match(audit, /review\.add/);
      t.notOk(/xarope|ruído/.test(audit), 'what was said is no matter of the audit');
    });

    t.test('a correction and a note are kept as transcripts are: without anybody’s data', async (t) => {
      const id = await heard('meu cpf é [CPF]', 'stt/acme');
      const correctedText = 'meu CPF é 529.982.247-25';
      const body = { transcriptOk: false, correctedText, recommendation: null, note: 'falei com a Ana' };
      t.match((await review(id, body)).body, {
        correctedText: 'meu CPF é [CPF]',
        note: 'falei com a [NOME]',
        errors: 0,
      });
    });

    t.test('twenty at once of one person: one holds', async (t) => {
      const id = await heard('bom dia', 'stt/acme');
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => review(id, { transcriptOk: true, recommendation: null })),
      );
      t.ok(answers.every(({ status }) => status === 201));
      t.equal((await ana('GET', `/reviews?interactionId=${id}`)).body.items.length, 1);
    });

    t.test(
      'word error rate per provider and precision per client, for a period and for whom one may see',
      async (t) => {
        clock.offsetMs = 1_800_000;
        const from = encodeURIComponent(clock.date().toISOString());
        const verdicts = ['util', 'util', 'errada'] as const;
        for (const recommendation of verdicts) {
          await review(await heard('gaze soro creme talco', 'stt/bom'), { transcriptOk: true, recommendation });
        }
        const wrong = { transcriptOk: false, correctedText: 'gaze soro creme talco', recommendation: null };
        await review(await heard('gaze soro', 'stt/mau'), wrong);
        await review(await heard('sem conserto', 'stt/mau'), { transcriptOk: false, recommendation: null });
        await review(await heard('um', 'stt/mau', other), { transcriptOk: true, recommendation: 'util' }, owner);
        const summary = (await ana('GET', `/reviews/summary?from=${from}`)).body;
        t.same(summary, {
          providers: [
            { provider: 'stt/bom', reviews: 3, wrong: 0, words: 12, errors: 0, wordErrorRate: 0 },
            { provider: 'stt/mau', reviews: 2, wrong: 2, words: 4, errors: 2, wordErrorRate: 0.5 },
          ],
          clients: [{ clientId: mine, util: 2, errada: 1, insegura: 0, precision: 0.6667 }],
        });
        t.equal((await owner('GET', `/reviews/summary?from=${from}`)).body.clients.length, 2);
        t.same((await ana('GET', `/reviews/summary?to=2020-01-01`)).body, { providers: [], clients: [] });
        clock.offsetMs = 0;
      },
    );

    t.test('an unsafe card raises one alert, until somebody has seen it', async (t) => {
      const id = await heard('estou grávida', 'stt/acme');
      const unsafe = { transcriptOk: true, recommendation: 'insegura' };
      await review(id, unsafe);
      await review(id, unsafe, owner);
      const [alert, ...more] = (await ana('GET', '/alerts?open=true')).body.items;
      t.match(alert, { kind: 'review.insegura', subject: `interaction:${id}`, clientId: mine, acknowledgedAt: null });
      t.same(more, [], 'one, however many said so');
      const seen = await ana('POST', `/alerts/${alert.id}/acknowledge`);
      t.match(seen, { status: 200, body: { acknowledgedBy: /^admin:/, acknowledgedAt: String } });
      t.same((await owner('POST', `/alerts/${alert.id}/acknowledge`)).body, seen.body, 'who was first stays named');
      t.same((await ana('GET', '/alerts?open=true')).body.items, []);
      await review(id, unsafe);
      t.equal((await ana('GET', '/alerts?open=true')).body.items.length, 1, 'and again, when it is said again');
      t.equal((await ana('POST', '/alerts/999999/acknowledge')).status, 404);
    });

    t.test('what is wrong is named; nobody reviews what is not theirs', async (t) => {
      const id = await heard('bom dia', 'stt/acme');
      const cases: [object, string][] = [
        [{ recommendation: null }, 'transcriptOk'],
        [{ transcriptOk: true }, 'recommendation'],
        [{ transcriptOk: true, correctedText: 'boa tarde', recommendation: null }, 'correctedText'],
        [{ transcriptOk: true, recommendation: null, nota: 'x' }, 'nota'],
      ];
      for (const [body, field] of cases) t.match(await review(id, body), { status: 400, body: { field } });
      t.equal((await review(id, { transcriptOk: true, recommendation: 'ótima' })).status, 400);
      const theirs = await heard('segredo', 'stt/acme', other);
      t.equal((await review(theirs, { transcriptOk: true, recommendation: null })).status, 404);
      t.equal((await ana('GET', `/interactions/${theirs}`)).status, 404);
      t.equal((await ana('GET', `/reviews?clientId=${other}`)).status, 404);
      t.equal((await review(2_000_000_000, { transcriptOk: true, recommendation: null }, owner)).status, 404);
    });

    t.test('interactions: what was said, who transcribed, why, and what it cost', async (t) => {
      const id = await heard('quero dipirona', 'stt/acme');
      const page = await everyPage(t, ana, '/interactions?limit=3');
      t.ok(page.some((each) => each.id === id));
      t.notOk(JSON.stringify(page).includes('segredo'), 'of another client nothing');
      const found = (await ana('GET', '/interactions?q=dipirona')).body.items;
      t.match(found, [{ id, provider: 'stt/acme', rule: 'lista', transcript: 'quero dipirona', costMicroUsd: 21 }]);
      t.match((await ana('GET', `/interactions/${id}`)).body, {
        id,
        decision: { rule: 'lista', attempts: [{ outcome: 'answered' }] },
        costs: [{ kind: 'stt', provider: 'acme', quantity: 3.5, costMicroUsd: 21, purpose: 'answer' }],
        times: { tsClientSent: null },
      });
      t.equal((await ana('GET', '/interactions?from=ontem')).body.field, 'from');
      t.equal((await ana('GET', '/interactions/0')).status, 404, 'what is not there is not told apart');
    });
  }),
);
