import t from 'tap';
import type { Interaction } from '../../core/store/interaction.ts';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { connectCounter, runBalto, storeEnv, vendorEnv } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { forEachDatabase } from '../helpers/databases.ts';
import { sessionOf } from '../helpers/people.ts';
import { pcmBetween, spokenUntil, wavUntil } from '../helpers/talk.ts';

const SPOKEN = spokenUntil(24_300);
/** In the silence behind an utterance. */
const behind = (index: number) => Math.round(((SPOKEN[index]?.endMs ?? 0) + (SPOKEN[index + 1]?.startMs ?? 0)) / 2);
const WHY = { why: 'experiência' };
const rule = (id: string, use: string[], more: object = {}) => ({
  id,
  priority: 10,
  when: {},
  use,
  mode: 'segment',
  ...more,
});

t.test('routing rules are drafted: explained, simulated, tried at counters, put in force, taken back', (t) =>
  forEachDatabase(t, async (t, open) => {
    const listening = new Coverage(await wavReference());
    const vendors = { deepgram: await startDeepgram({ listening }), elevenlabs: await startElevenLabs({ listening }) };
    for (const vendor of Object.values(vendors)) t.teardown(() => vendor.close());
    const house = await runBalto(t, {
      ...storeEnv(open),
      ...vendorEnv(vendors),
      MOCK_RECOMMENDATION: '1',
      SMART_ROUTING_ENABLED: '0',
    });
    const { store } = house.balto;
    const api = apiOf(house.url, await house.login());
    const mine = `/clients/${house.clientId}`;
    const other = await house.addCounter();
    const explained = async (counterId: string | null, more: object = {}) =>
      (
        await api('POST', '/routing/explain', {
          clientId: house.clientId,
          ...(counterId && { counterId }),
          durationMs: 3000,
          ...more,
        })
      ).body;
    const decided = async (counterId: string | null, more: object = {}) => (await explained(counterId, more)).decision;
    const draftOf = async (rules: object[], place = mine) =>
      (await api('PUT', `${place}/routing-rules`, { rules, ...WHY, activate: false })).body.draft;

    await api('PUT', `${mine}/routing-rules`, { rules: [rule('antiga', ['stt/deepgram'])], ...WHY });

    t.test('a draft is validated as a save is, and is in force for nobody', async (t) => {
      const kept = await api('PUT', `${mine}/routing-rules`, {
        rules: [rule('nova', ['stt/elevenlabs']), rule('nunca', ['stt/deepgram'], { priority: 20 })],
        ...WHY,
        activate: false,
      });
      t.match(kept, {
        status: 201,
        body: {
          draft: {
            state: 'valid',
            changes: [{ section: 'routing', value: { rules: [{ id: 'nova' }, { id: 'nunca' }] } }],
            validation: { errors: [], warnings: [{ field: /rules\[1\]/ }] },
          },
        },
      });
      t.match((await api('GET', `${mine}/routing-rules`)).body.rules, [{ id: 'antiga' }]);
      t.match(await decided(null), { rule: 'antiga' });
      const wrong = await draftOf([
        rule('curta', ['stt/elevenlabs'], { when: { durationMs: { max: 5000 } }, mode: 'stream' }),
      ]);
      t.match(wrong, { state: 'refused', validation: { errors: [{ code: /^BALTO_/, field: /rules\[0\]\.mode/ }] } });
      t.match(await api('POST', `/drafts/${wrong.id}/activate`, WHY), { status: 400, body: { field: /rules\[0\]/ } });
      t.match(await api('POST', '/routing/explain', { draft: wrong.id }), {
        status: 400,
        body: { field: /rules\[0\]/ },
      });
      const alone = await draftOf([rule('ninguem', ['stt/elevenlabs'], { must: ['region:marte'] })]);
      t.match(alone, { state: 'refused', validation: { errors: [{ code: /NO_CANDIDATE|BALTO_/ }] } });
    });

    t.test('it is explained and simulated before it is in force', async (t) => {
      const draft = await draftOf([rule('nova', ['stt/elevenlabs', 'stt/deepgram'])]);
      const would = await explained(house.counterId, { draft: draft.id });
      t.match(would, { draft: draft.id, decision: { rule: 'nova', candidates: ['stt/elevenlabs', 'stt/deepgram'] } });
      t.match(await explained(null, { rules: [rule('outra', ['stt/elevenlabs'])] }), {
        draft: null,
        decision: { rule: 'outra' },
      });
      t.equal((await api('POST', '/routing/explain', { draft: draft.id, rules: [] })).status, 400);
      t.match(await api('POST', '/routing/explain', { draft: 'nenhum' }), { status: 404, body: { field: 'draft' } });
      const period = { from: '2026-01-01T00:00:00Z', to: '2030-01-01T00:00:00Z' };
      t.equal((await api('POST', '/routing/simulate', { ...period, draft: draft.id })).status, 200);
      const { client } = await store.clients.create({ email: `x${Date.now()}@farmacia.com.br`, companyName: 'X' });
      t.equal(
        (await api('POST', '/routing/simulate', { ...period, draft: draft.id, clientId: client.clientId })).status,
        400,
        'it is another client’s',
      );
      const stranger = apiOf(house.url, await sessionOf(store, { clientId: client.clientId, role: 'admin' }));
      t.equal((await stranger('POST', '/routing/explain', { draft: draft.id })).status, 404);
      t.equal((await stranger('POST', `/drafts/${draft.id}/activate`, WHY)).status, 404);
      t.match((await api('POST', `/drafts/${draft.id}/discard`)).body, { state: 'discarded' });
      t.equal((await api('POST', '/routing/explain', { draft: draft.id })).status, 409);
    });

    t.test('tried at one counter while two talk: its rows name the draft, the other’s do not', async (t) => {
      const draft = await draftOf([rule('nova', ['stt/elevenlabs', 'stt/deepgram'])]);
      const talk = [await connectCounter(house.ws, house.apiKey), await connectCounter(house.ws, other.apiKey)];
      for (const { socket } of talk) await streamFile(socket, wavUntil(behind(0)));
      const rows = async (counterId: string, count: number): Promise<Interaction[]> => {
        for (const startedAt = performance.now(); ; ) {
          const { rows: found } = await store.interactions.list({ counterId }, 50);
          if (found.length >= count) return found.sort((a, b) => a.segment - b.segment);
          if (performance.now() - startedAt > 30_000) throw new Error(`${found.length} of ${count} rows`);
          await new Promise((done) => setTimeout(done, 50));
        }
      };
      for (const counterId of [house.counterId, other.counterId]) {
        t.match((await rows(counterId, 1))[0]?.decision, { rule: 'antiga', draft: undefined });
      }
      const started = await api('POST', `/drafts/${draft.id}/canary`, { counterIds: [house.counterId], ...WHY });
      t.match(started, { status: 200, body: { canary: { counterIds: [house.counterId], of: 2, version: Number } } });
      t.match(await explained(house.counterId), {
        decision: { rule: 'nova', draft: draft.id, version: started.body.canary.version },
        steps: [{ id: 'nova', layer: 'counter' }],
        text: /prova as regras de um rascunho/,
      });
      t.match(await decided(other.counterId), { rule: 'antiga', draft: undefined });
      for (const { socket } of talk) await streamFile(socket, pcmBetween(behind(0), behind(1)));
      const tried = (await rows(house.counterId, 2))[1];
      t.match(tried?.decision, { rule: 'nova', draft: draft.id, version: started.body.canary.version });
      t.equal(tried?.sttModel, 'elevenlabs');
      t.equal(tried?.configVersion, started.body.canary.version);
      const untouched = (await rows(other.counterId, 2))[1];
      t.match(untouched?.decision, { rule: 'antiga', draft: undefined });
      t.equal(untouched?.sttModel, 'deepgram');
      const row = await api('GET', `/interactions/${tried?.id}`);
      t.match(row.body.decision ?? row.body, { draft: draft.id, rule: 'nova' }, 'REST shows it');

      const active = await api('POST', `/drafts/${draft.id}/activate`, WHY);
      t.equal(active.status, 200, JSON.stringify(active.body));
      for (const { socket } of talk) await streamFile(socket, pcmBetween(behind(1), behind(2)));
      for (const counterId of [house.counterId, other.counterId]) {
        t.match((await rows(counterId, 3))[2]?.decision, {
          rule: 'nova',
          version: active.body.version,
          draft: undefined,
        });
      }
      const back = await api('POST', `/versions/${started.body.canary.version - 1}/rollback`, {
        clientId: house.clientId,
        ...WHY,
      });
      t.equal(back.status, 200);
      t.match(await decided(house.counterId), { rule: 'antiga', draft: undefined });
      for (const { socket } of talk) socket.close();
    });

    t.test('the way back ends a trial that began since, and begins none that is over', async (t) => {
      const before = (await api('GET', `${mine}/routing-rules`)).body.version;
      const draft = await draftOf([rule('nova', ['stt/elevenlabs'])]);
      const started = await api('POST', `/drafts/${draft.id}/canary`, { share: 1, ...WHY });
      const during = started.body.canary.version;
      await api('POST', `/versions/${before}/rollback`, { clientId: house.clientId, ...WHY });
      t.match((await api('GET', `/drafts/${draft.id}`)).body, { canary: null, state: 'valid' });
      t.match(await decided(house.counterId), { rule: 'antiga', draft: undefined });
      await api('POST', `/versions/${during}/rollback`, { clientId: house.clientId, ...WHY });
      t.match(await decided(house.counterId), { rule: 'antiga', draft: undefined }, 'nobody could take it back');
      const again = await api('POST', `/drafts/${draft.id}/canary`, { share: 1, ...WHY });
      t.equal(again.status, 200, JSON.stringify(again.body));
      t.match(await decided(other.counterId), { rule: 'nova', draft: draft.id });
      t.match((await api('POST', `/drafts/${draft.id}/discard`)).body, { state: 'discarded' });
      t.match(await decided(other.counterId), { rule: 'antiga', draft: undefined });
    });

    t.test('everyone’s rules are tried at counters of any client, and at a virtual one', async (t) => {
      await api('PUT', `${mine}/routing-rules`, { rules: [], ...WHY });
      const draft = await draftOf([rule('geral', ['stt/elevenlabs'])], '/global');
      t.match(draft, { clientId: null, state: 'valid' });
      const virtual = await api('POST', `${mine}/counters/virtual`);
      const { id } = virtual.body.counter;
      t.equal((await api('POST', `/drafts/${draft.id}/canary`, { counterIds: [id], ...WHY })).status, 200);
      t.match(await explained(id), { decision: { rule: 'geral', draft: draft.id } });
      t.match(await decided(other.counterId), { draft: undefined, rule: /ambiente|lista/ });
      const second = await draftOf([rule('segunda', ['stt/deepgram'])]);
      t.match(
        await api('POST', `/drafts/${second.id}/canary`, { counterIds: [id], ...WHY }),
        { status: 422, body: { field: 'counterIds' } },
        'one trial at a time at one counter',
      );
      t.equal((await api('POST', `/drafts/${draft.id}/activate`, WHY)).status, 200);
      t.match(await decided(other.counterId), { rule: 'geral', draft: undefined });
      t.match(await decided(id), { rule: 'geral', draft: undefined });
    });

    t.test('nobody but a trial puts rules at a counter; rules and drafts keep to their permission', async (t) => {
      const change = { clientId: house.clientId, counterId: house.counterId, section: 'routing' };
      for (const value of [{ rules: [] }, { rules: [], draft: 'x' }, { rules: [], of: 'client' }]) {
        await t.rejects(house.balto.config.change([{ ...change, value }], { actor: 'cli', why: 'x' }), {
          code: 'BALTO_CONFIG_PLACE',
        });
      }
      const made = await api('POST', '/tokens', {
        name: 'rotas',
        clientId: house.clientId,
        scopes: ['routing.write', 'clients.read'],
        ...WHY,
      });
      t.equal(made.status, 201, JSON.stringify(made.body));
      const withToken = apiOf(house.url, '');
      const bearer = { authorization: `Bearer ${made.body.secret}` };
      const rules = { rules: [rule('do-token', ['stt/deepgram'])], ...WHY, activate: false };
      const draft = await withToken('PUT', `${mine}/routing-rules`, rules, bearer);
      t.equal(draft.status, 201, JSON.stringify(draft.body));
      const providers = (
        await api('PUT', `${mine}/providers/stt`, { use: ['stt/elevenlabs'], ...WHY, activate: false })
      ).body.draft;
      for (const step of ['activate', 'discard']) {
        const refused = await withToken(
          'POST',
          `/drafts/${providers.id}/${step}`,
          step === 'activate' ? WHY : undefined,
          bearer,
        );
        t.equal(refused.status, 403, `${step}: the draft is of providers`);
      }
      const active = await withToken('POST', `/drafts/${draft.body.draft.id}/activate`, WHY, bearer);
      t.equal(active.status, 200, JSON.stringify(active.body));
    });
  }),
);
