import type { Page } from 'playwright-core';
import t from 'tap';
import { startDeepgram, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, type RunningBalto, startBalto } from '../helpers/balto.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { streamFile } from '../helpers/conversation.ts';
import { person, sessionOf } from '../helpers/people.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, spokenUntil, wavUntil } from '../helpers/talk.ts';
import { TcpProxy } from '../helpers/tcp-proxy.ts';

/** Three utterances and a card; two more, and a second one. */
const [FIRST_MS, UNTIL_MS] = [14_200, 29_500];
const SHOTS = process.env['BALTO_SHOTS'];

const coverage = new Coverage(await wavReference());
const vendors = async () => ({
  deepgram: await startDeepgram({ listening: coverage }),
  llm: await startOpenAi({ respond: obedientModel() }),
});
const tilesOf = (page: Page) => page.getByRole('list', { name: 'Balcões' }).getByRole('listitem');
const speak = (house: RunningBalto) => connectCounter(house.ws, house.apiKey);

t.test('a counter talks, and the panel shows it as it happens', { skip: noBrowser }, async (t) => {
  const house = await startBalto(t, { vendors: await vendors() });
  const seen = new Seen(house.observer);
  const browser = await openBrowser(t);
  const cookie = await sessionOf(house.balto.store, { clientId: house.clientId, role: 'farmaceutico' });
  const { page, faults } = await openPanel(browser, house, '/ao-vivo', { cookie });
  await page.getByText('Nenhum balcão conectado').waitFor();
  t.same(await axeFindings(page), [], 'with nobody there');

  const counter = await speak(house);
  const tile = tilesOf(page);
  await tile.getByText('Ouvindo').waitFor();
  // What is being said replaces itself: every text that was ever there is kept to be looked at.
  await page.evaluate(`
    window.partials = [];
    const keep = () => {
      const text = document.querySelector('.live-partial')?.textContent ?? '';
      if (text !== '' && window.partials.at(-1) !== text) window.partials.push(text);
    };
    new MutationObserver(keep).observe(document.querySelector('.live-tiles'), { subtree: true, childList: true, characterData: true });
  `);
  const streaming = streamFile(counter.socket, wavUntil(FIRST_MS), { durationS: FIRST_MS / 1000, speed: 2 });
  await tile.getByText('Falando').waitFor();
  // Waited for by asking: the page's policy lets no function be made from a string.
  while (!(await page.evaluate('window.partials.length > 2'))) await page.waitForTimeout(50);
  const [first] = spokenUntil(FIRST_MS);
  await tile.getByText(first?.text ?? '', { exact: true }).waitFor();
  const partials = (await page.evaluate('window.partials')) as string[];
  t.ok(first?.text.startsWith(partials[0]?.split(' ')[0] ?? '?'), 'words came before the utterance was over');
  await streaming;
  counter.say({ comando: 'fim' });
  await tile.getByText('Enviado').waitFor();
  const [card] = counter.messages.filter(({ comando }) => comando === 'recomendar');
  await tile.getByText(String(card?.['produto'])).waitFor();
  await tile.getByText(/^stt\/deepgram.* · lista do ambiente$/).waitFor();
  t.same(await axeFindings(page), [], 'with a counter');
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/tile.png` });

  await t.test('opened, it shows the conversation, the card, why and where the time went', async (t) => {
    await tile.getByRole('link').click();
    const log = page.getByRole('log', { name: 'Conversa' });
    await log.getByText(String(card?.['produto']), { exact: true }).waitFor();
    t.equal(
      await log
        .getByRole('listitem')
        .filter({ has: page.getByRole('time') })
        .count(),
      seen.utterances.length,
    );
    const details = log.getByRole('group').filter({ hasText: 'Fornecedor e tempo' }).last();
    await details.getByText('Fornecedor e tempo de cada etapa').click();
    for (const stage of ['Transcrever', 'Modelo', 'Regras', 'Enviar'])
      await details.getByRole('figure').getByText(stage).waitFor();
    await details
      .getByText(/respondeu em/)
      .first()
      .waitFor();
    t.same(await axeFindings(page), []);
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/detail.png`, fullPage: true });
    await page.getByRole('link', { name: 'Todos os balcões' }).click();
    await tile.waitFor();
  });

  await t.test('filters narrow, say so when nothing is left, and are cleared', async () => {
    await page.getByLabel('Nome do balcão').fill('caixa 9');
    await page.getByText('Nenhum balcão passa por este filtro').waitFor();
    await page.getByRole('button', { name: 'Limpar o filtro' }).click();
    await page.getByLabel('Estado').selectOption('offline');
    await page.getByText('Nenhum balcão passa por este filtro').waitFor();
    await page.getByLabel('Estado').selectOption('online');
    await tile.waitFor();
    await page.getByLabel('Estado').selectOption('all');
  });

  await t.test('an alert is shown, and gone once it was seen', async () => {
    const { store } = house.balto;
    const alert = { clientId: house.clientId, kind: 'budget.warned', subject: `client:${house.clientId}` };
    await store.db.system((trx) => store.alerts.raiseIn(trx, alert));
    const shown = page.getByRole('region', { name: 'Alertas' });
    await shown.getByText('O orçamento está perto do fim').waitFor();
    await shown.getByRole('button', { name: 'Marcar como visto' }).click();
    await shown.waitFor({ state: 'detached' });
  });

  await t.test('it fits a narrow screen, and both themes', async (t) => {
    for (const theme of ['light', 'dark'] as const) {
      await page.getByLabel('Tema').selectOption(theme);
      t.same(await axeFindings(page), [], theme);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, 'nothing sticks out');
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/narrow-dark.png` });
  });
  counter.socket.close();
  await tile.getByText(/Desconectado/).waitFor();
  t.same(faults, []);
});

t.test('a connection that is cut comes back by itself, and no card is missed', { skip: noBrowser }, async (t) => {
  const house = await startBalto(t, { vendors: await vendors() });
  const seen = new Seen(house.observer);
  const proxy = new TcpProxy({ host: '127.0.0.1', port: house.port });
  await proxy.open();
  t.teardown(() => proxy.shut());
  const browser = await openBrowser(t);
  const cookie = await sessionOf(house.balto.store, { clientId: house.clientId, role: 'viewer' });
  const url = `http://127.0.0.1:${proxy.port}`;
  const { page } = await openPanel(browser, { url }, '/ao-vivo', { cookie });
  const counter = await speak(house);
  await tilesOf(page).getByText('Ouvindo').waitFor();
  await streamFile(counter.socket, wavUntil(FIRST_MS), { durationS: FIRST_MS / 1000, speed: 6 });
  counter.say({ comando: 'fim' });
  await tilesOf(page).getByText('Enviado').waitFor();
  await tilesOf(page).getByRole('link').click();
  await proxy.shut();
  await page.getByText(/Conexão perdida agora/).waitFor();
  await page.getByRole('status').getByText('Conexão perdida; tentando de novo.').waitFor({ state: 'attached' });
  await streamFile(counter.socket, wavUntil(UNTIL_MS).subarray(44 + FIRST_MS * 32));
  counter.say({ comando: 'fim' });
  await seen.until(({ cards, text }) => cards.length >= 2 && text.length > 100);
  await proxy.open();
  await page.locator('.live-connection-live').waitFor();
  const sent = counter.messages.filter(({ comando }) => comando === 'recomendar');
  t.ok(sent.length > 0);
  const log = page.getByRole('log', { name: 'Conversa' });
  for (const { produto } of sent) await log.getByText(String(produto)).first().waitFor();
  const spoken = seen.utterances.filter(({ text }) => text !== '');
  for (const { text } of spoken) {
    await log.getByText(text, { exact: true }).first().waitFor();
    t.equal(await log.getByText(text, { exact: true }).count(), 1, 'each utterance once');
  }
  counter.socket.close();
});

t.test(
  'who may see states but not words is told so; who loses the right is shown nothing more',
  { skip: noBrowser },
  async (t) => {
    const house = await startBalto(t, { vendors: await vendors() });
    const { store } = house.balto;
    const other = await store.clients.create({ email: 'b@farmacia.com.br', companyName: 'Outra' });
    const viewer = await person(store, { clientId: other.client.clientId, role: 'viewer' });
    const { token } = await store.admin.createSession(viewer.id);
    const browser = await openBrowser(t);
    const { page, faults } = await openPanel(browser, house, '/ao-vivo', { cookie: `admin_token=${token}` });
    await page.getByText('Nenhum balcão conectado').waitFor();
    const counter = await speak(house);
    await streamFile(counter.socket, wavUntil(FIRST_MS), { durationS: FIRST_MS / 1000, speed: 6 });
    counter.say({ comando: 'fim' });
    await counter.receive('recomendar');
    t.ok(await page.getByText('Nenhum balcão conectado').isVisible(), 'nothing of another client');
    await store.users.setRole(viewer.id, '*', { clientId: house.clientId, role: 'viewer' }, { actor: 'cli' });
    await tilesOf(page).getByText('Caixa 1').waitFor();
    await store.admin.revoke(token);
    await page.getByRole('heading', { name: 'Entrar no Balto' }).waitFor();
    t.same(faults, []);
    counter.socket.close();
  },
);
