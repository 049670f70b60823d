import t from 'tap';
import type { Interaction } from '../../core/store/interaction.ts';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { candidateOf, connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { pcmBetween, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

const UNTIL_MS = 24_300;
const SPOKEN = spokenUntil(UNTIL_MS);
/** In the silence behind an utterance. */
const behind = (index: number) => Math.round(((SPOKEN[index]?.endMs ?? 0) + (SPOKEN[index + 1]?.startMs ?? 0)) / 2);
const [FIRST_MS, SECOND_MS, THIRD_MS] = [behind(0), behind(1), behind(2)];
const WHY = { why: 'teste' };

interface AttemptStored {
  address: string;
  purpose: string;
  outcome: string;
}

const attemptsOf = (row: Interaction | undefined) =>
  ((row?.decision as { attempts?: AttemptStored[] } | null)?.attempts ?? []).map(({ address, purpose, outcome }) => [
    address,
    purpose,
    outcome,
  ]);

t.test(
  'hedge, shadow and a draft, switched on by REST while a counter talks: the next utterance shows it',
  async (t) => {
    const coverage = new Coverage(await wavReference());
    const elevenlabs = await startElevenLabs({ listening: coverage });
    await elevenlabs.setFault({ kind: 'latency', ms: 2000 });
    const deepgram = await startDeepgram({ listening: coverage });
    const env = { MOCK_RECOMMENDATION: '1', BALTO_STT: 'stt/elevenlabs,stt/deepgram' };
    const house = await startBalto(t, { vendors: { deepgram, elevenlabs }, env });
    const api = apiOf(house.url, await house.login());
    // The first one is known to be quicker than it is today.
    const { latencies } = house.balto.providers.utterances;
    for (const durationMs of [500, 2000, 4000, 8000, 20_000]) {
      for (let at = 0; at < 20; at++)
        latencies.took(candidateOf(house.balto, 'stt/elevenlabs'), 'batch', durationMs, 150);
    }
    const rows = async (count: number): Promise<Interaction[]> => {
      for (const startedAt = performance.now(); ; ) {
        const { rows: found } = await house.balto.store.interactions.list({ counterId: house.counterId }, 50);
        if (found.length >= count) return found.sort((a, b) => a.segment - b.segment);
        if (performance.now() - startedAt > 30_000) throw new Error(`${found.length} of ${count} rows`);
        await new Promise((done) => setTimeout(done, 50));
      }
    };
    const ruleOf = (id: string, more: object) => ({
      rules: [{ id, priority: 1, when: {}, use: ['stt/elevenlabs', 'stt/deepgram'], mode: 'segment', ...more }],
    });
    const rulesPath = `/clients/${house.clientId}/routing-rules`;
    const counter = await connectCounter(house.ws, house.apiKey);

    const plain = await api('PUT', rulesPath, { ...ruleOf('sem-nada', {}), ...WHY });
    t.equal(plain.status, 200, JSON.stringify(plain.body));
    await streamFile(counter.socket, wavUntil(FIRST_MS));
    t.same(attemptsOf((await rows(1))[0]), [['stt/elevenlabs', 'answer', 'answered']], 'slow, and waited for');

    const hedged = await api('PUT', rulesPath, { ...ruleOf('dois', { hedge: true }), ...WHY });
    t.equal(hedged.status, 200, JSON.stringify(hedged.body));
    await streamFile(counter.socket, pcmBetween(FIRST_MS, SECOND_MS));
    const second = (await rows(2))[1];
    t.same(
      attemptsOf(second),
      [
        ['stt/deepgram', 'hedge', 'answered'],
        ['stt/elevenlabs', 'answer', 'aborted'],
      ],
      'the second one was started beside it, and won',
    );
    t.equal(second?.sttModel, 'deepgram');

    const comparison = { use: ['stt/elevenlabs'], shadow: { use: 'stt/deepgram', share: 1 } };
    const shadowed = await api('PUT', rulesPath, { ...ruleOf('comparado', comparison), ...WHY });
    t.equal(shadowed.status, 200, JSON.stringify(shadowed.body));
    const use = { use: ['stt/deepgram', 'stt/elevenlabs'], ...WHY };
    const draft = await api('PUT', `/clients/${house.clientId}/providers/stt`, { ...use, activate: false });
    t.equal(draft.status, 201, JSON.stringify(draft.body));
    await streamFile(counter.socket, pcmBetween(SECOND_MS, THIRD_MS));
    const third = (await rows(3))[2];
    t.match(third?.decision, { rule: 'comparado' }, 'a draft is in force for nobody');
    t.equal(third?.configVersion, shadowed.body.version);
    t.same(attemptsOf(third).slice(0, 1), [['stt/elevenlabs', 'answer', 'answered']], 'no hedge any more');

    t.equal((await api('PUT', rulesPath, { rules: [], ...WHY })).status, 200);
    const active = await api('POST', `/drafts/${draft.body.draft.id}/activate`, WHY);
    t.equal(active.status, 200, JSON.stringify(active.body));
    await streamFile(counter.socket, pcmBetween(THIRD_MS, UNTIL_MS));
    counter.say({ comando: 'fim' });
    const heard = await rows(SPOKEN.length);
    const fourth = heard[3];
    t.match(fourth?.decision, { rule: 'lista' });
    t.equal(fourth?.configVersion, active.body.version);
    t.match(attemptsOf(fourth), [['stt/deepgram', 'answer', 'answered']]);
    counter.socket.close();
    const shadows = async () => {
      await house.balto.store.drained();
      return house.balto.store.db.system((trx) =>
        trx.selectFrom('shadow_results').select(['interacao_id', 'provider', 'outcome', 'text']).execute(),
      );
    };
    let compared = await shadows();
    for (const startedAt = performance.now(); compared.length === 0 && performance.now() - startedAt < 30_000; ) {
      await new Promise((done) => setTimeout(done, 50));
      compared = await shadows();
    }
    t.match(compared, [{ interacao_id: third?.id, provider: 'stt/deepgram', outcome: 'answered', text: String }]);
    t.equal(compared.length, 1, 'of that utterance alone');

    t.equal(heard.map(({ transcript }) => transcript).join(' '), textOf(SPOKEN), 'every word once');
    t.same(coverage.report({ within: rangesOf(SPOKEN) }).missing, []);
  },
);
