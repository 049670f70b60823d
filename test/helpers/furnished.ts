import type { Interaction, UsageEntry } from '../../core/store/interaction.ts';
import { insertInteractions } from '../../core/store/interactions.ts';
import { insertUsage } from '../../core/store/usage.ts';
import { apiOf } from './admin-api.ts';
import { connectCounter, type RunningBalto } from './balto.ts';
import { streamFile } from './conversation.ts';
import { usage } from './interactions.ts';
import { Seen } from './seen.ts';
import { wavUntil } from './talk.ts';

const DAY_MS = 86_400_000;
const HEARD = [
  ['Estou com o nariz entupido e espirrando muito desde ontem.', 'Soro fisiológico', 'Solução nasal'],
  ['Queria um protetor solar para o rosto, vou à praia amanhã.', 'Protetor solar FPS 50', 'Hidratante labial'],
  ['Minha garganta está arranhando, tem pastilha?', 'Pastilha para garganta', 'Mel com própolis'],
  ['Cortei o dedo na cozinha, o que passo para limpar?', 'Antisséptico tópico', 'Curativo adesivo'],
  ['Os pernilongos não deixam as crianças dormirem.', 'Repelente infantil', 'Álcool em gel'],
] as const;

/** A shop that has been open for weeks: clients, counters, people, products, and what was said on thirty days. */
export interface Furnished {
  cookie: string;
  /** An interaction that was really spoken, with all its documents. */
  spoken: Interaction;
}

/** Fills a running Balto by its own doors; what was said before today is the conversation's own row, moved in time. */
export async function furnish(house: RunningBalto): Promise<Furnished> {
  const cookie = await house.login();
  const api = apiOf(house.url, cookie);
  const written = async (method: string, path: string, body: unknown, headers = {}) => {
    const { status, body: answer } = await api(method, path, body, headers);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  };
  const spoken = await converse(house);
  const why = 'arrumação da loja';
  const current = { 'if-match': '*' };
  const path = `/clients/${house.clientId}`;
  await written('PATCH', path, { companyName: 'Drogaria São Bento', why }, current);
  await written('PATCH', `/counters/${house.counterId}`, { name: 'Balcão da entrada', why }, current);
  await written('POST', '/clients', { email: 'contato@farmaciavidanova.com.br', companyName: 'Farmácia Vida Nova' });
  const { code } = await written('POST', `${path}/code`, { why });
  for (const nome_balcao of ['Perfumaria', 'Balcão dos fundos', 'Drive-thru']) {
    await house.post('/cadastro/balcao', { user_codigo: code, nome_balcao });
  }
  for (const name of ['Ana Paula Ribeiro', 'Carlos Eduardo Lima', 'Joana d’Arc Souza']) {
    const { id } = await written('POST', `${path}/employees`, { name });
    const shifts = [0, 1, 2, 3, 4].map((weekday) => ({ weekday, start: '08:00', end: '14:00' }));
    await written('PUT', `${path}/employees/${id}/shifts`, { shifts, why });
  }
  for (const [code, name, priceCents] of [
    ['7891001', 'Soro fisiológico 0,9% 100 ml', 890],
    ['7891002', 'Protetor solar FPS 50 120 g', 6990],
    ['7891003', 'Curativo adesivo transparente 40 un', 1250],
  ] as const) {
    await written('POST', `${path}/catalogue/products`, {
      code,
      name,
      priceCents,
      tag: 'curativos',
      saleClass: 'venda_livre',
      why,
    });
  }
  await written('POST', `${path}/restrictions`, {
    kind: 'substancia',
    target: 'ibuprofeno',
    why: 'decisão do farmacêutico',
  });
  await written('POST', '/users', {
    email: 'ana@saobento.com.br',
    name: 'Ana Paula Ribeiro',
    clientId: house.clientId,
    role: 'farmaceutico',
  });
  await written('PUT', `${path}/budget`, { microUsd: 40_000_000, period: 'month', why }, current);
  await history(house, spoken);
  await written('POST', `/interactions/${spoken.id}/reviews`, { transcriptOk: true, recommendation: 'util' });
  return { cookie, spoken };
}

/** The bundled conversation at the counter, until a card has come. */
async function converse(house: RunningBalto): Promise<Interaction> {
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(14_200));
  await seen.until(({ cards }) => cards.length > 0);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const row = (await house.rows()).findLast(({ recommendation }) => recommendation !== null);
  if (!row) throw new Error('the conversation brought no card');
  return row;
}

/** More counters of the same shop come on line, one of them in the middle of a sentence. Closed with the house. */
export async function openShop(house: RunningBalto, cookie: string): Promise<void> {
  const api = apiOf(house.url, cookie);
  const { body } = await api('POST', `/clients/${house.clientId}/code`, { why: 'arrumação da loja' });
  for (const [nome_balcao, untilMs] of [
    ['Caixa 1', 14_200],
    ['Caixa 2', 6500],
    ['Dermocosméticos', 8200],
    ['Balcão de retirada', 0],
  ] as const) {
    const answer = await house.post('/cadastro/balcao', { user_codigo: body.code, nome_balcao });
    const { api_key } = (await answer.json()) as { api_key: string };
    const counter = await connectCounter(house.ws, api_key);
    if (untilMs > 0) await streamFile(counter.socket, wavUntil(untilMs));
  }
}

async function history(house: RunningBalto, spoken: Interaction): Promise<void> {
  const { store } = house.balto;
  const rows: Interaction[] = [];
  const lines: UsageEntry[] = [];
  for (let index = 0; index < 240; index++) {
    const id = store.ids.nextId();
    const [transcript, first, second] = HEARD[index % HEARD.length] ?? HEARD[0];
    const at = new Date(Date.now() - (index % 30) * DAY_MS - (index % 11) * 1_800_000 - 60_000);
    const isCard = index % 3 !== 0;
    const [stt, llm] = [420 + ((index * 37) % 300), isCard ? 900 + ((index * 53) % 800) : 0];
    rows.push({
      ...spoken,
      id,
      segment: 10 + index,
      idempotencyKey: `${spoken.sessionId}:${10 + index}`,
      timestamp: at,
      transcript,
      recommendation: isCard ? `S: ${first} | S: ${second}` : null,
      costMicroUsd: stt + llm,
      speakerData: null,
    });
    const line = { clientId: house.clientId, counterId: house.counterId, interactionId: id, at };
    lines.push(
      usage({ ...line, kind: 'stt', provider: index % 4 === 0 ? 'stt/deepgram' : 'stt/elevenlabs', costMicroUsd: stt }),
    );
    if (llm > 0)
      lines.push(
        usage({
          ...line,
          kind: 'llm',
          provider: 'llm/openai',
          unit: 'token',
          of: 'text_in',
          quantity: 900,
          costMicroUsd: llm,
        }),
      );
  }
  await store.db.system(async (trx) => {
    await insertInteractions(trx, rows);
    await insertUsage(trx, lines);
  });
}
