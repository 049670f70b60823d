import t from 'tap';
import { Products } from '../../core/store/products.ts';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, forgive, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { wavUntil } from '../helpers/talk.ts';

const UNTIL_MS = 4400;

t.test("the client's products reach the vendor's own field, live and by file; the starter's do not", async (t) => {
  const listening = new Coverage(await wavReference());
  const deepgram = await startDeepgram({ listening });
  const elevenlabs = await startElevenLabs({ listening });
  const env = { MOCK_RECOMMENDATION: '1' };
  const house = await startBalto(t, { vendors: { deepgram, elevenlabs }, env });
  const talk = async (apiKey: string) => {
    const seen = new Seen(house.observer);
    const counter = await connectCounter(house.ws, apiKey);
    await streamFile(counter.socket, wavUntil(UNTIL_MS));
    counter.say({ comando: 'fim' });
    await seen.until(({ utterances }) => utterances.length > 0);
    counter.socket.close();
    await seen.until(({ closed }) => closed === 1);
  };
  const live = () => deepgram.requests.filter(({ path }) => path === '/v1/listen').at(-1);

  await deepgram.setFault(null);
  await talk(house.apiKey);
  const asked = [...deepgram.requests, ...elevenlabs.requests].length;
  t.ok(asked > 0);
  t.same(live()?.query.getAll('keyterm') ?? [], [], 'a client without products of its own');

  const other = await house.post('/cadastro/cliente', { email: 'rede@loja.br', razao_social: 'Rede' });
  const { codigo } = (await other.json()) as { codigo: string };
  const paired = await house.post('/cadastro/balcao', { nome_balcao: 'Caixa', user_codigo: codigo });
  const { api_key: apiKey } = (await paired.json()) as { api_key: string };
  const login = await house.balto.store.counters.byKey(apiKey);
  await new Products(house.balto.store.db).upsert(login?.clientId ?? '', [
    { code: '1', name: 'Neosaldina 30 cp', substance: 'Dipirona' },
  ]);
  await deepgram.setFault({ kind: 'refuse' });
  await talk(apiKey);
  const sent = elevenlabs.requests.at(-1);
  const form = await new Response(new Uint8Array(sent?.body ?? []), {
    headers: { 'content-type': sent?.headers['content-type'] ?? '' },
  }).formData();
  t.strictSame(form.getAll('keyterms'), ['Neosaldina', 'Dipirona']);
  await deepgram.setFault(null);
  forgive(house.balto, 'stt/deepgram', 'stt/elevenlabs');
  await elevenlabs.setFault({ kind: 'server_error' });
  await talk(apiKey);
  t.strictSame(live()?.query.getAll('keyterm'), ['Neosaldina', 'Dipirona']);
});
