import t from 'tap';
import { insertInteractions } from '../../core/store/interactions.ts';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { connectCounter, type RunningBalto, startBalto } from '../helpers/balto.ts';
import { noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { streamFile } from '../helpers/conversation.ts';
import { HOSTILE_TEXTS } from '../helpers/hostile-texts.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, wavUntil } from '../helpers/talk.ts';

let turn = 0;
/** The next hostile text, as long as the field takes. */
const hostile = (most = 200): string => (HOSTILE_TEXTS[turn++ % HOSTILE_TEXTS.length] ?? '').slice(0, most);

/** Names under which a vendor's, a model's or an administrator's own words stand in the stored documents. */
const WORDS = new Set([
  'text',
  'message',
  'detail',
  'reason',
  'explicacao',
  'nome',
  'name',
  'rule',
  'model',
  'sugestao',
  'trecho',
  'requestId',
  'error',
  'title',
]);

function poisoned(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return WORDS.has(key) ? hostile() : value;
  if (Array.isArray(value)) return value.map((each) => poisoned(each, key));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, poisoned(each, name)]));
}

/** One conversation as it happens, so that every document of a row is there. */
async function talk(house: RunningBalto): Promise<void> {
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(14_200));
  await seen.until(({ cards }) => cards.length > 0);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
}

t.test('a hundred texts that would be code, in every field somebody else sets', { skip: noBrowser }, async (t) => {
  const listening = new Coverage(await wavReference());
  const vendors = {
    elevenlabs: await startElevenLabs({ listening }),
    llm: await startOpenAi({ respond: obedientModel() }),
  };
  const house = await startBalto(t, { vendors });
  const cookie = await house.login();
  const api = apiOf(house.url, cookie);
  const written = async (method: string, path: string, body: unknown, headers = {}) => {
    const answer = await api(method, path, body, headers);
    t.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body?.error ?? ''}`);
    return answer.body;
  };
  await talk(house);
  const rows = await house.rows();
  const last = rows.findLast(({ recommendation }) => recommendation !== null);
  if (!last) throw new Error('the conversation brought no card');

  // What devices, vendors and models said.
  const { store } = house.balto;
  await store.db.system((trx) =>
    insertInteractions(
      trx,
      HOSTILE_TEXTS.map((text, index) => {
        const id = store.ids.nextId();
        const documents = {
          decision: poisoned(last.decision),
          gate: poisoned(last.gate),
          candidates: poisoned(last.candidates),
        };
        return {
          ...last,
          ...documents,
          id,
          segment: 100 + index,
          idempotencyKey: `${last.sessionId}:${100 + index}`,
          timestamp: new Date(Date.now() - index * 1000),
          transcript: text,
          transcriptNormalized: hostile(),
          transcriptClassification: hostile(),
          recommendation: `S: ${hostile()} | S: ${hostile()}`,
          modelRawResponse: JSON.stringify(poisoned(JSON.parse(last.modelRawResponse ?? '{}'))),
          sttModel: hostile(),
          speakerData: JSON.stringify([{ id: 1, name: hostile(), score: 0.9 }]),
          cutReason: hostile(20),
          feedback: hostile(20),
          configSnapshot: null,
        };
      }),
    ),
  );
  // What administrators, pharmacists and owners wrote.
  const why = () => ({ why: hostile() });
  const any = { 'if-match': '*' };
  const path = `/clients/${house.clientId}`;
  await written('PATCH', path, { companyName: hostile(), ...why() }, any);
  await written('PATCH', `/counters/${house.counterId}`, { name: hostile(), ...why() }, any);
  await written('POST', '/clients', { email: 'b@farmacia.com.br', companyName: hostile() });
  await written('POST', `${path}/employees`, { name: hostile() });
  await written('POST', `${path}/catalogue/products`, {
    code: hostile(80),
    name: hostile(120),
    synonyms: [hostile(120)],
    source: hostile(),
    leaflet: { indication: hostile(), warnings: hostile() },
    ...why(),
  });
  await written('POST', `${path}/restrictions`, { kind: 'substancia', target: hostile(80), ...why() });
  await written('POST', '/users', {
    email: 'ana@farmacia.com.br',
    name: hostile(),
    clientId: house.clientId,
    role: 'viewer',
    ...why(),
  });
  await written('POST', `/interactions/${last.id}/reviews`, {
    transcriptOk: false,
    correctedText: hostile(),
    recommendation: 'insegura',
    note: hostile(),
  });
  await written('POST', '/tokens', { name: hostile(), scopes: ['clients.read'] });

  const browser = await openBrowser(t);
  const { page, faults } = await openPanel(browser, house, '/', { cookie });
  await page.getByRole('heading', { level: 1 }).waitFor();
  let shown = '';
  const links = await page.getByRole('navigation', { name: 'Páginas' }).getByRole('link').all();
  const pages = await Promise.all(links.map((link) => link.getAttribute('href')));
  t.ok(pages.length >= 16);
  const details = [last.id, last.id + 3].map((id) => `/admin/interacoes/${id}`);
  for (const address of [...pages, ...details]) {
    await page.goto(`${house.url}${address}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    // All that the page reads has come, or it has said that it has not; a live page never falls silent, so it has a limit.
    await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => undefined);
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await page.waitForTimeout(150);
      shown += await page.innerText('main');
    }
    const older = page.getByRole('link', { name: 'Mais antigas' });
    while (address === '/admin/interacoes' && (await older.count()) > 0) {
      shown += await page.innerText('main');
      await Promise.all([page.waitForResponse(/\/api\/v1\/interactions\?/), older.click()]);
      await page.waitForTimeout(300);
    }
    for (const element of await page.locator('main details > summary').all()) await element.click();
    await page.mouse.move(640, 400);
    shown += await page.innerText('main');
    t.notMatch(await page.innerText('main'), /Esta página parou por um erro/, `${address} stands`);
    t.equal(await page.evaluate('window.pwned'), undefined, `${address} ran nothing`);
    t.equal(
      await page.evaluate('document.querySelectorAll("main script, main iframe, main object, main embed").length'),
      0,
    );
  }
  t.same(faults, []);
  const seenAsText = HOSTILE_TEXTS.filter((text) => shown.includes(text.replaceAll('\0', '').slice(0, 24)));
  t.ok(seenAsText.length >= 100, `${seenAsText.length} of ${HOSTILE_TEXTS.length} were read as text`);
});
