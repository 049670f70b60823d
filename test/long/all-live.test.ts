import t, { type Test } from 'tap';
import { startDeepgram, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, type RunningBalto, runBalto, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { LiveClient } from '../helpers/live-stream.ts';
import { personWithPassword, sessionOf } from '../helpers/people.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

/** Three utterances and a card; two more, and a second one. */
const [FIRST_MS, UNTIL_MS] = [14_200, 29_500];

const coverage = new Coverage(await wavReference());
const vendors = async () => ({
  deepgram: await startDeepgram({ listening: coverage }),
  llm: await startOpenAi({ respond: obedientModel() }),
});

async function talk(house: RunningBalto, untilMs: number, apiKey = house.apiKey, protocol?: 2) {
  const counter = await connectCounter(house.ws, apiKey, protocol ? { protocolo: 2 } : {});
  await streamFile(counter.socket, wavUntil(untilMs), { durationS: untilMs / 1000, speed: 6 });
  counter.say({ comando: 'fim' });
  return counter;
}

const viewerOf = async (house: RunningBalto, clientId = house.clientId) => ({
  cookie: await sessionOf(house.balto.store, { clientId, role: 'viewer' }),
});

t.test('who watches a counter sees words, then the utterance, then the card', async (t) => {
  const house = await startBalto(t, { vendors: await vendors() });
  const { store } = house.balto;
  const other = await store.clients.create({ email: 'b@farmacia.com.br', companyName: 'Outra' });
  const watching = await LiveClient.open(house.url, await viewerOf(house));
  const stranger = await LiveClient.open(house.url, await viewerOf(house, other.client.clientId));
  const figures = await LiveClient.open(house.url, await tokenFor(house));
  for (const each of [watching, stranger, figures]) await each.until('ready');

  t.match(watching.headers.get('content-type'), /^text\/event-stream/);
  t.equal(watching.headers.get('cache-control'), 'no-store');
  const reads = (await store.audit.list()).filter(({ action }) => action === 'interactions.live');
  t.equal(reads.length, 2, 'each opening that shows words is a row; one that shows figures is not');
  t.match(reads.at(-1), { clientId: house.clientId, target: 'counters' });

  const counter = await talk(house, UNTIL_MS);
  const partial = await watching.until('partial');
  const utterance = await watching.until('utterance');
  const card = await watching.until('card', ({ delivery }) => delivery === 'enviado');
  const place = (event: object) => watching.events.indexOf(event as never);
  t.ok(place(partial) < place(utterance) && place(utterance) < place(card));
  t.equal(partial.id, null, 'nobody resumes at a partial');
  t.equal(partial.data.counterId, house.counterId);
  t.match(watching.of('opened')[0]?.data, { counterName: 'Caixa 1', protocol: 1, isOwn: true, state: 'listening' });
  t.ok(watching.of('state').some(({ data }) => data.state === 'speaking'));
  t.match(utterance.data, {
    provider: /^stt\/deepgram/,
    decision: { rule: String, candidates: [/^stt\/deepgram/] },
    waterfall: { hangOver: Number, decode: Number, vad: Number, stt: Number },
  });
  t.ok(card.data.items.length > 0 && card.data.gate.length > 0);
  t.equal(card.data.itemCount, card.data.items.length);
  for (const stage of ['hangOver', 'decode', 'vad', 'stt', 'context', 'llm', 'gate', 'sent']) {
    t.type(card.data.waterfall[stage], 'number', stage);
  }
  await watching.until('utterance', ({ segment }) => segment === 5);
  const told = watching
    .of('utterance')
    .map(({ data }) => data.text)
    .join(' ');
  t.ok(told.startsWith(textOf(spokenUntil(FIRST_MS))), 'in the order spoken');

  await figures.until('card', ({ delivery }) => delivery === 'enviado');
  t.equal(figures.of('partial').length, 0);
  t.match(figures.of('utterance')[0]?.data, { provider: /deepgram/, costMicroUsd: Number, text: undefined });
  t.match(figures.of('card')[0]?.data, { itemCount: Number, items: undefined, gate: undefined });
  const words = told.split(' ').filter((word) => word.length > 5);
  t.ok(words.length > 10);
  for (const word of words) t.notOk(figures.raw.includes(word), `no word for who may not read: ${word}`);

  counter.socket.close();
  await watching.until('closed');
  await figures.until('closed');
  for (const sign of [house.counterId, house.clientId, 'Caixa 1', ...words]) {
    t.notOk(stranger.raw.includes(sign), `nothing of another client: ${sign}`);
  }
  t.same(
    new Set(stranger.events.map(({ kind }) => kind)),
    new Set(['hello', 'snapshot', 'ready', ...(stranger.of('ping').length > 0 ? ['ping'] : [])]),
  );
  await t.test('a partial of one counter comes at most five times a second', async (t) => {
    const partials = watching.of('partial').length;
    t.ok(partials > 3 && partials <= (UNTIL_MS / 6 / 1000 + 3) * 5, `${partials}`);
  });
  for (const each of [watching, stranger, figures]) await each.close();
});

t.test('a lost connection goes on where it stopped, and no card is missed or told twice', async (t) => {
  const house = await startBalto(t, { vendors: await vendors() });
  const seen = new Seen(house.observer);
  const headers = await viewerOf(house);
  const first = await LiveClient.open(house.url, headers);
  await first.until('ready');
  const counter = await talk(house, FIRST_MS);
  await first.until('card');
  const place = first.lastId;
  await first.close();

  await streamFile(counter.socket, wavUntil(UNTIL_MS).subarray(44 + FIRST_MS * 32));
  counter.say({ comando: 'fim' });
  await seen.until(({ cards }) => cards.length >= 2);
  const again = await LiveClient.open(house.url, headers, { after: place });
  await again.until('ready');
  t.equal(again.events[0]?.data.resumed, true);
  t.equal(again.of('snapshot').length, 0);
  const cards = [...first.of('card'), ...again.of('card')].map(({ data }) => data.interactionId);
  t.same(
    cards,
    seen.cards.map(({ interactionId }) => interactionId),
  );
  const spoken = [...first.of('utterance'), ...again.of('utterance')].map(({ data }) => data.segment);
  t.same(spoken, [...new Set(spoken)].sort(), 'each utterance once');

  await t.test('another process knows nothing of that place: it says so, and shows what is stored', async (t) => {
    const restarted = place.replace(/^[0-9a-f]{8}/, '00000000');
    const fresh = await LiveClient.open(house.url, headers, { query: `?after=${restarted}` });
    await fresh.until('ready');
    t.match(fresh.events.map(({ kind }) => kind).slice(0, 3), ['hello', 'gap', 'snapshot']);
    t.match(fresh.of('gap')[0]?.data, { reason: 'unknown' });
    t.match(fresh.of('snapshot')[0]?.data.sessions, [
      { counterId: house.counterId, state: String, providers: { stt: 'stt/deepgram' } },
    ]);
    const past = fresh.of('card');
    t.same(
      new Set(past.filter(({ data }) => data.itemCount > 0).map(({ data }) => data.interactionId)),
      new Set(seen.cards.filter(({ card }) => card !== null).map(({ interactionId }) => interactionId)),
      'every card since then, from what is stored',
    );
    t.ok(past.every(({ data }) => data.isPast && data.items.length === data.itemCount));
    const texts = fresh.of('utterance').map(({ data }) => data.text);
    t.same(
      texts,
      seen.utterances.map(({ text }) => text),
      'each with its own words',
    );
    await fresh.close();
  });
  await again.close();
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
});

t.test('what a customer tells of herself is masked here as well', async (t) => {
  const said = 'meu nome é Zuleide Queiroga, cpf 529.982.247-25, e estou com muita dor de cabeça desde ontem';
  const words = said.split(' ').map((text) => ({ text, startMs: 0, endMs: 1, confidence: 1 }));
  const heard = () => ({ text: said, words, confidence: 1 });
  const listening = {
    transcribe: heard,
    openStream: () => ({ push: () => {}, partial: () => said, take: heard }),
  };
  const deepgram = await startDeepgram({ listening: listening as never });
  const house = await startBalto(t, { vendors: { deepgram, llm: await startOpenAi({ respond: obedientModel() }) } });
  const watching = await LiveClient.open(house.url, await viewerOf(house));
  await watching.until('ready');
  const counter = await talk(house, 11_000);
  await watching.until('partial');
  await watching.until('card');
  t.match(watching.of('utterance')[0]?.data.text, /\[NOME\].*\[CPF\].*dor de cabeça/s);
  for (const secret of ['Zuleide', 'Queiroga', '529', '982.247']) t.notOk(watching.raw.includes(secret), secret);
  counter.socket.close();
  await watching.until('closed');
  await watching.close();
});

t.test('a session that ends, or may see something else, ends its stream within seconds', async (t) => {
  const house = await startBalto(t);
  const { store } = house.balto;
  const person = await personWithPassword(store, { clientId: house.clientId, role: 'viewer' });
  const { token } = await store.admin.createSession(person.id);
  const open = () => LiveClient.open(house.url, { cookie: `admin_token=${token}` });
  const one = await open();
  await one.until('ready');
  const other = await store.clients.create({ email: 'c@farmacia.com.br', companyName: 'Mais uma' });
  await store.users.setRole(person.id, '*', { clientId: other.client.clientId, role: 'viewer' }, { actor: 'cli' });
  t.match((await one.until('end')).data, { reason: 'access' });
  await one.over;
  const two = await open();
  await two.until('ready');
  await store.admin.revoke(token);
  t.match((await two.until('end')).data, { reason: 'access' });
  await two.over;
  await t.rejects(open(), /401/);
});

t.test('a server that ends does not wait for who watches', async (t) => {
  const house = await startBalto(t);
  const watching = await LiveClient.open(house.url, await viewerOf(house));
  await watching.until('ready');
  await house.close();
  t.match((await watching.until('end')).data, { reason: 'server' });
  await watching.over;
});

t.test('a device that is away is shown so until it is back', async (t) => {
  const house = await startBalto(t);
  const watching = await LiveClient.open(house.url, await viewerOf(house));
  await watching.until('ready');
  const counter = await connectCounter(house.ws, house.apiKey, { protocolo: 2 });
  await counter.receive('pronto');
  await watching.until('opened');
  counter.say({ comando: 'pausar' });
  await watching.until('state', ({ state }) => state === 'paused');
  counter.socket.terminate();
  await watching.until('state', ({ state }) => state === 'away');
  const late = await LiveClient.open(house.url, await viewerOf(house));
  t.match((await late.until('snapshot')).data.sessions, [{ counterId: house.counterId, state: 'away' }]);
  const sessions = await (await house.get('/api/v1/sessions', await viewerOf(house))).json();
  t.match(sessions, { items: [] }, 'it is not connected');
  await Promise.all([watching.close(), late.close()]);
});

const url = process.env['TEST_DATABASE_URL'];
const skip = url ? false : 'TEST_DATABASE_URL is not set: not run on a real Postgres';
t.test('another process shows the same counter: states at once, words once they are stored', { skip }, async (t) => {
  const one = await onPostgres(t);
  const two = await runBalto(t, { ...one.env, BALTO_DATA_DIR: t.testdir() });
  const headers = await viewerOf(one);
  const watching = await LiveClient.open(two.url, headers);
  await watching.until('ready');
  const seen = new Seen(one.observer);
  const counter = await talk(one, UNTIL_MS);
  t.match((await watching.until('opened')).data, { counterId: one.counterId, isOwn: false });
  await watching.until('card', ({ delivery }) => delivery === 'enviado');
  await seen.until(({ cards }) => cards.length >= 2);
  const ids = seen.cards.map(({ interactionId }) => interactionId);
  for (const id of ids) await watching.until('card', ({ interactionId }) => interactionId === id);
  t.match(watching.of('card')[0]?.data, { waterfall: { llm: Number }, items: [{ sugestao: String }] });
  for (const { segment, text } of seen.utterances) {
    t.equal((await watching.until('utterance', (data) => data.segment === segment)).data.text, text);
  }
  counter.socket.close();
  await watching.until('closed');
  await watching.close();
});

async function onPostgres(t: Test): Promise<RunningBalto> {
  const { postgres } = await import('../helpers/databases.ts');
  const { storeEnv, vendorEnv } = await import('../helpers/balto.ts');
  const made = await vendors();
  for (const vendor of Object.values(made)) t.teardown(() => vendor.close());
  return runBalto(t, { ...storeEnv(await postgres(t, url ?? '')), ...vendorEnv(made) });
}

/** Of the whole installation, for figures alone. */
async function tokenFor({ balto }: RunningBalto): Promise<Record<string, string>> {
  const { store } = balto;
  const owner = await personWithPassword(store, { clientId: null, role: 'owner' });
  const scopes = ['clients.read'];
  const input = { userId: owner.id, clientId: null, name: 'tela', scopes, expiresAt: null };
  const { secret } = await store.tokens.create(input, { actor: 'cli' });
  return { authorization: `Bearer ${secret}` };
}
