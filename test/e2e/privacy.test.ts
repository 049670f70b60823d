import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { heardOf, type Listening } from '../emulators/listening/index.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { filesHolding, tablesHolding } from '../helpers/canaries.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, wavUntil } from '../helpers/talk.ts';

/** Two utterances of the recording, heard as somebody who tells everything about herself. */
const UNTIL_MS = 11_000;
const SAID = [
  'meu nome é Zuleide Queiroga, cpf cinco dois nove nove oito dois',
  'dois quatro sete dois cinco, o telefone é 11 98765-4321, e estou com muita dor de cabeça e febre desde ontem',
];
const SECRETS = ['Zuleide', 'zuleide', 'Queiroga', 'nove oito dois', 'quatro sete', '98765', '4321'];

let heard = 0;
const listening: Listening = {
  transcribe: () => {
    const words = (SAID[heard++] ?? '').split(' ').map((text) => ({ text, startMs: 0, endMs: 1, confidence: 1 }));
    return heardOf(words);
  },
  openStream: () => ({ push: () => {}, partial: () => '', take: () => heardOf([]) }),
};

t.test('what tells a customer apart is nowhere but in her voice, and that only where it is kept', async (t) => {
  const asked: string[] = [];
  const answer = obedientModel();
  const elevenlabs = await startElevenLabs({ listening, latencyMs: 5 });
  const llm = await startOpenAi({
    respond: (request) => {
      asked.push(JSON.stringify(request));
      return answer(request);
    },
  });
  const house = await startBalto(t, { vendors: { elevenlabs, llm } });
  const cookie = await house.login();
  const until = new Date(Date.now() + 3_600_000);
  const by = { actor: 'cli' };
  const keeping = { reason: 'teste', basis: 'consentimento' as const, until };
  await house.balto.store.dataProtection.keepAudio(house.clientId, keeping, '*', by);
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS), { chunkBytes: 4096 });
  counter.say({ comando: 'fim' });
  await seen.until(({ utterances, cards }) => utterances.length === 2 && cards.length > 0);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const rows = await house.rows();
  t.match(rows.at(-1)?.transcript, /\[NOME\].*\[CPF\].*\[CPF\].*\[TELEFONE\].*dor de cabeça/s);
  const { store } = house.balto;
  t.same(await tablesHolding(store, SECRETS), []);
  t.same(await filesHolding(String(house.env['BALTO_DATA_DIR']), SECRETS), []);
  const told = JSON.stringify([
    counter.messages,
    house.log,
    asked,
    seen.cards,
    seen.utterances.map(({ text }) => text),
  ]);
  for (const secret of SECRETS) t.notOk(told.includes(secret), secret);
  t.ok(asked.length > 0, 'the model was asked');

  await t.test('the data map names who was given it', async (t) => {
    const answer = await house.get(`/api/v1/clients/${house.clientId}/data-map`, { cookie });
    const map = (await answer.json()) as { recipients: object[]; kept: object[] };
    t.match(map.recipients, [
      {
        provider: 'stt/elevenlabs',
        receives: 'o áudio da fala',
        region: 'us',
        keeps: 'conforme o contrato com o fornecedor',
      },
      { provider: /^llm\/openai/, receives: 'o texto mascarado da conversa', region: 'us', hosts: ['api.openai.com'] },
    ]);
    t.match(map.kept[2], { what: 'áudio das falas', howLong: /^até \d\d\/\d\d\/\d{4}$/ });
  });

  await t.test('her voice is a file, heard with a row in the audit, and gone when the client keeps none', async (t) => {
    const [row] = await house.rows();
    const path = `/api/v1/interactions/${row?.id}/audio`;
    const wav = Buffer.from(await (await house.get(path, { cookie })).arrayBuffer());
    t.equal(wav.subarray(0, 4).toString(), 'RIFF');
    t.equal(wav.length, 44 + (row?.segmentBytes ?? 0), 'every sample of the utterance');
    t.match(row?.audioFilePath, /^archiver\/\d{4}-\d{2}-\d{2}\/[0-9a-f-]+\/interaction_\d+\.wav$/);
    const file = join(String(house.env['BALTO_DATA_DIR']), 'audio', String(row?.audioFilePath));
    t.equal((await stat(file)).mode & 0o777, 0o600);
    t.match((await store.audit.list(1))[0], { action: 'audio.read', target: `interaction:${row?.id}` });
    await store.dataProtection.stopAudio(house.clientId, '*', by);
    t.match(await store.retention.run(new AbortController().signal), { voices: 2 });
    t.equal((await house.get(path, { cookie })).status, 404);
  });
});
