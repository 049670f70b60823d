import t from 'tap';
import type { Interaction } from '../../core/store/interaction.ts';
import { EMULATOR_KEY, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, openBalto, serverEnv } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { temporaryFolder, testDatabase } from '../helpers/databases.ts';
import { seededRandom } from '../helpers/noises.ts';
import { registerCounter, startServer } from '../helpers/server-process.ts';
import { wavUntil } from '../helpers/talk.ts';
import type { TestCounter } from '../helpers/ws-client.ts';

const ROUNDS = 3;
const COUNTERS = 3;
const TALK_MS = 29_500;

t.test('kill -9 at any moment: what a counter was answered is stored, once', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.comment(`seed ${seed}`);
  const random = seededRandom(seed);
  const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
  t.teardown(() => elevenlabs.close());
  const env = serverEnv(await testDatabase(t), { elevenlabs });
  const folder = await temporaryFolder(t);
  const cards: Record<string, unknown>[] = [];
  let apiKey = '';
  for (let round = 1; round <= ROUNDS; round++) {
    const server = await startServer(env, folder);
    t.teardown(() => server.kill());
    apiKey ||= (await registerCounter(server.url)).apiKey;
    const counters: TestCounter[] = [];
    for (let index = 0; index < COUNTERS; index++) counters.push(await connectCounter(server.ws, apiKey));
    // The burst is taken at once: the cards come within the next second or two, and so does the end.
    const talking = counters.map(({ socket }) => streamFile(socket, wavUntil(TALK_MS), { durationS: 2, speed: 1 }));
    await elevenlabs.nextRequest();
    await new Promise((done) => setTimeout(done, random() * 2500));
    await server.kill();
    await Promise.all([...talking, ...counters.map(({ closed }) => closed)]);
    cards.push(...counters.flatMap(({ messages }) => messages.filter(({ comando }) => comando === 'recomendar')));
    const said = server.output.join('\n');
    t.notOk(said.includes(apiKey) || said.includes(EMULATOR_KEY), 'no key in what the server says');
  }

  const after = await openBalto(t, env);
  const rows = await after.rows();
  t.ok(cards.length > 0, `${cards.length} cards were received`);
  for (const card of cards) {
    const stored = rows.filter(({ id }) => id === card['interacao_id']);
    t.equal(stored.length, 1, `card ${card['interacao_id']} is stored exactly once`);
    t.equal(stored[0]?.recommendation, recommendationOf(card));
    t.equal(stored[0]?.transcript, card['transcricao_base']);
  }
  t.equal(new Set(cards.map((card) => card['interacao_id'])).size, cards.length, 'no id was given twice');
  t.equal(new Set(rows.map(({ idempotencyKey }) => idempotencyKey)).size, rows.length, 'no utterance is stored twice');
  t.same(rows.filter(isUnexplained), [], 'no row says "sent" without a card');
  t.comment(`${rows.length} rows, ${cards.length} cards, ${ROUNDS} kills`);
  const ledger = await after.balto.store.db.system((trx) =>
    trx.selectFrom('usage_ledger').select(['interacao_id', 'idempotency_key']).execute(),
  );
  t.equal(new Set(ledger.map((entry) => entry.idempotency_key)).size, ledger.length, 'nothing is billed twice');
});

function recommendationOf(card: Record<string, unknown>): string {
  return (card['itens'] as { sugestao: string }[]).map(({ sugestao }) => `S: ${sugestao}`).join(' | ');
}

function isUnexplained(row: Interaction): boolean {
  return row.tsClientSent !== null && row.recommendation === null;
}
