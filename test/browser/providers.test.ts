import type { Page } from 'playwright-core';
import t from 'tap';
import { EMULATOR_KEY, startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { streamFile } from '../helpers/conversation.ts';
import { pcmBetween, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

/** In the middle of the second utterance; between the third and the fourth; after the fourth. */
const [CHANGE_MS, BACK_MS, UNTIL_MS] = [8000, 14_200, 24_300];
const SPOKEN = spokenUntil(UNTIL_MS);
const PAYLOAD = '<img src=x onerror=alert(1)>';
const LIST = 'Ordem em que são chamados';

async function until<T>(look: () => Promise<T>, holds: (found: T) => boolean): Promise<T> {
  for (const startedAt = performance.now(); ; ) {
    const found = await look();
    if (holds(found)) return found;
    if (performance.now() - startedAt > 30_000) throw new Error(`never came: ${JSON.stringify(found).slice(0, 300)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

const order = (page: Page) =>
  page.getByRole('list', { name: LIST }).locator('.providers-order-what strong').allTextContents();

/** Opens the dialog of a change and gives its reason; `confirm` makes it. */
async function reason(page: Page, button: string, why: string) {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('dialog').getByLabel('Motivo').fill(why);
  return page.getByRole('dialog').getByRole('button', { name: button, exact: true });
}

t.test('providers, in a browser', { skip: noBrowser }, async (t) => {
  const coverage = new Coverage(await wavReference());
  const vendors = {
    deepgram: await startDeepgram({ listening: coverage }),
    elevenlabs: await startElevenLabs({ listening: coverage }),
  };
  const balto = await startBalto(t, { vendors, env: { MOCK_RECOMMENDATION: '1', SMART_ROUTING_ENABLED: '0' } });
  const browser = await openBrowser(t);
  const cookie = await balto.login();
  const api = apiOf(balto.url, cookie);
  const stt = `/clients/${balto.clientId}/providers/stt`;

  t.test(
    'a vendor is switched while a counter talks, and switched back: no connection drops, no word is lost',
    async (t) => {
      const counter = await connectCounter(balto.ws, balto.apiKey);
      const rows = async () => {
        const { rows: found } = await balto.balto.store.interactions.list({ counterId: balto.counterId }, 50);
        // A page takes its time: a noise before the next words may be an utterance of its own, in which nothing was said.
        return found.filter(({ transcript }) => /\p{L}/u.test(transcript ?? '')).sort((a, b) => a.segment - b.segment);
      };
      const { page, faults } = await openPanel(browser, balto, '/provedores', { cookie });
      await page.getByRole('button', { name: 'Subir ElevenLabs Scribe' }).click();
      t.same(await order(page), ['ElevenLabs Scribe', 'Deepgram Nova e Flux']);
      t.same(await axeFindings(page), []);
      const confirm = await reason(page, 'Pôr em vigor', 'troca ao meio-dia');
      t.same(await axeFindings(page), []);

      await streamFile(counter.socket, wavUntil(CHANGE_MS));
      const underWay = rangesOf(SPOKEN)[1]?.startSample ?? 0;
      await until(
        async () =>
          coverage.report({ within: [{ startSample: underWay, endSample: underWay + 16_000 }] }).missing.length,
        (missing) => missing === 0,
      );
      await confirm.click();
      await page.getByText('Em vigor desde a próxima fala.').waitFor();
      await streamFile(counter.socket, pcmBetween(CHANGE_MS, BACK_MS));
      await until(rows, (found) => found.some(({ sttModel }) => sttModel === 'elevenlabs'));

      await page.getByRole('button', { name: 'Descer ElevenLabs Scribe' }).click();
      await page.getByRole('button', { name: 'Ver o que mudaria' }).click();
      await page.getByText(/\d das últimas \d falas iriam a outro provedor/).waitFor();
      t.same(await axeFindings(page), []);

      const [version] = (await api('GET', `/versions?clientId=${balto.clientId}&limit=1`)).body.items;
      t.match(version, { why: 'troca ao meio-dia', changes: [{ section: 'providers.stt' }] });
      await page.getByRole('tab', { name: 'Rascunhos e versões' }).click();
      await page.getByLabel('Onde vale').waitFor({ state: 'detached' });
      t.same(await axeFindings(page), []);
      await page.getByRole('button', { name: `Desfazer a versão ${version.version}` }).click();
      await page.getByRole('dialog').getByLabel('Motivo').fill('não deu certo');
      await page.getByRole('dialog').getByRole('button', { name: 'Desfazer' }).click();
      await page.getByText(`De volta ao que valia na versão ${version.version - 1}.`).waitFor();
      t.match((await api('GET', stt)).body, { own: null }, 'the client’s first own choice is gone again');
      await streamFile(counter.socket, pcmBetween(BACK_MS, UNTIL_MS));
      counter.say({ comando: 'fim' });
      // On a busy machine an utterance may be cut in two: its words, and who heard them, are what counts.
      const said = (found: Awaited<ReturnType<typeof rows>>) => found.map(({ transcript }) => transcript).join(' ');
      const heard = await until(rows, (found) => said(found).length >= textOf(SPOKEN).length);
      t.equal(said(heard), textOf(SPOKEN), 'every word once');
      const models = heard.map(({ sttModel }) => sttModel);
      t.same(
        models.filter((model, at) => model !== models[at - 1]),
        ['deepgram', 'elevenlabs', 'deepgram'],
        'what was being spoken ends where it began, and what comes next goes where it is sent',
      );
      const { missing, heardTwice } = coverage.report({ within: rangesOf(SPOKEN) });
      t.same([missing, heardTwice], [[], []]);
      t.equal(counter.socket.readyState, counter.socket.OPEN, 'no connection was dropped');
      counter.socket.close();
      t.same(faults, []);
    },
  );

  t.test('a version is gone back to from its row', async (t) => {
    await api('PUT', stt, { use: ['stt/elevenlabs'], why: 'um' });
    const first = (await api('GET', stt)).body.version;
    await api('PUT', stt, { use: ['stt/deepgram'], why: 'dois' });
    const { page, faults } = await openPanel(browser, balto, '/provedores', { cookie });
    await page.getByRole('tab', { name: 'Rascunhos e versões' }).click();
    await page.getByRole('button', { name: `Voltar à versão ${first}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Voltar a esta' }).click();
    await dialog.getByText('Diga o motivo em poucas palavras.').waitFor();
    await dialog.getByLabel('Motivo').fill('era melhor');
    await dialog.getByRole('button', { name: 'Voltar a esta' }).click();
    await page.getByText(`De volta ao que valia na versão ${first}.`).waitFor();
    t.match((await api('GET', stt)).body.use, [{ address: 'stt/elevenlabs' }]);
    t.same(faults, []);
  });

  t.test('a key that the vendor refuses is refused at its field, a good one is kept', async (t) => {
    const { page, faults } = await openPanel(browser, balto, '/provedores', { cookie });
    await page.getByRole('tab', { name: 'Todos os provedores' }).click();
    await page.getByLabel('Procurar').fill('deepgram nova');
    t.same(await axeFindings(page), []);
    await page.getByRole('button', { name: 'Chaves de Deepgram Nova e Flux' }).click();
    const dialog = page.getByRole('dialog');
    const key = dialog.getByLabel('Chave da API');
    t.equal(await key.getAttribute('type'), 'password');
    await dialog.getByRole('button', { name: 'Testar chave' }).click();
    t.match(await fieldError(key), 'Preencha este campo.');
    await key.fill('chave-que-ninguem-deu');
    await dialog.getByRole('button', { name: 'Testar chave' }).click();
    await dialog.getByText('Deepgram não aceita esta chave.').waitFor();
    t.match(await fieldError(key), 'Deepgram não aceita esta chave.');
    t.equal(await key.getAttribute('aria-invalid'), 'true');
    t.same(await axeFindings(page), []);
    await key.fill(EMULATOR_KEY);
    await dialog.getByRole('button', { name: 'Testar chave' }).click();
    await dialog.getByText('Deepgram aceitou a chave.').waitFor();
    t.same((await api('GET', `/clients/${balto.clientId}/credentials`)).body.items, [], 'a test keeps nothing');
    await dialog.getByLabel('Nome da chave').fill(PAYLOAD);
    await dialog.getByLabel('Motivo').fill('conta própria');
    await dialog.getByRole('button', { name: 'Guardar chave' }).click();
    await page.getByText('Chave guardada e em vigor.').waitFor();
    await page.getByRole('button', { name: 'Chaves de Deepgram Nova e Flux' }).click();
    await page.getByRole('dialog').getByText(PAYLOAD).waitFor();
    await page
      .getByRole('dialog')
      .getByText(`••••${EMULATOR_KEY.slice(-4)}`)
      .waitFor();
    t.equal(await key.inputValue(), '', 'and nothing is filled in');
    t.notOk((await page.content()).includes(EMULATOR_KEY));
    t.same(faults, []);
  });

  t.test('two change the same list: the second is told who, sees the difference, and goes on', async (t) => {
    await api('PUT', stt, { use: ['stt/deepgram', 'stt/elevenlabs'], why: 'de novo' });
    const [one, two] = [
      await openPanel(browser, balto, '/provedores', { cookie }),
      await openPanel(browser, balto, '/provedores', { cookie }),
    ];
    for (const { page } of [one, two]) await page.getByRole('button', { name: 'Subir ElevenLabs Scribe' }).waitFor();
    await one.page.getByRole('button', { name: 'Tirar ElevenLabs Scribe' }).click();
    await (await reason(one.page, 'Pôr em vigor', 'só um')).click();
    await one.page.getByText('Em vigor desde a próxima fala.').waitFor();
    await two.page.getByRole('button', { name: 'Subir ElevenLabs Scribe' }).click();
    await (await reason(two.page, 'Pôr em vigor', 'os dois')).click();
    const dialog = two.page.getByRole('dialog', { name: 'Alguém mudou enquanto você editava' });
    await dialog.getByText('só um', { exact: false }).waitFor();
    t.match(await dialog.getByRole('table').innerText(), /Deepgram Nova e Flux\s+ElevenLabs Scribe/);
    t.same(await axeFindings(two.page), []);
    t.match((await api('GET', stt)).body.use, [{ address: 'stt/deepgram' }], 'nothing was overwritten');
    await dialog.getByRole('button', { name: 'Continuar com a minha ordem' }).click();
    t.same(await order(two.page), ['ElevenLabs Scribe', 'Deepgram Nova e Flux']);
    await (await reason(two.page, 'Pôr em vigor', 'os dois')).click();
    await two.page.getByText('Em vigor desde a próxima fala.').waitFor();
    t.match((await api('GET', stt)).body.use, [{ address: 'stt/elevenlabs' }, { address: 'stt/deepgram' }]);
    t.same([...one.faults, ...two.faults], []);
  });

  t.test('a draft is tried at some counters, then holds for all', async (t) => {
    await balto.addCounter();
    const own = async (counterId: string) => (await api('GET', `/counters/${counterId}/providers/stt`)).body;
    const { page, faults } = await openPanel(browser, balto, '/provedores', { cookie });
    const second = page.getByRole('list', { name: LIST }).getByRole('listitem').nth(1);
    await second.focus();
    await page.keyboard.press('Alt+ArrowUp');
    t.same(await order(page), ['Deepgram Nova e Flux', 'ElevenLabs Scribe'], 'by the keyboard alone');
    await (await reason(page, 'Guardar rascunho', 'experiência')).click();
    const draft = page.getByRole('listitem').filter({ hasText: 'Conferido' }).first();
    await draft.getByRole('button', { name: 'Provar em alguns balcões' }).click();
    await page.getByRole('dialog').getByLabel('Parte dos balcões (%)').fill('50');
    await page.getByRole('dialog').getByLabel('Motivo').fill('prova');
    await page.getByRole('dialog').getByRole('button', { name: 'Provar em alguns balcões' }).click();
    await draft.getByText('Em prova em 1 de 2 balcões').waitFor();
    t.same(await axeFindings(page), []);
    const [kept] = (await api('GET', `/drafts?clientId=${balto.clientId}&limit=1`)).body.items;
    t.match(await own(kept.canary.counterIds[0]), { own: { use: ['stt/deepgram', 'stt/elevenlabs'] } });
    t.match((await api('GET', stt)).body.use, [{ address: 'stt/elevenlabs' }]);
    await (await reason(page, 'Pôr em vigor para todos', 'foi bem')).click();
    await page.getByText('Nenhum rascunho').waitFor();
    t.match((await api('GET', stt)).body.use, [{ address: 'stt/deepgram' }]);
    t.equal((await own(kept.canary.counterIds[0])).own, null);
    t.same(faults, []);
  });

  t.test('settings come from the plugin’s schema, and a wrong one is told at its field', async (t) => {
    const { page, faults } = await openPanel(browser, balto, '/provedores', { cookie });
    await page.getByRole('tab', { name: 'Todos os provedores' }).click();
    await page.getByRole('button', { name: 'Ajustes de Deepgram Nova e Flux' }).click();
    const dialog = page.getByRole('dialog');
    const pause = dialog.getByLabel('Pausa em ms', { exact: false });
    await pause.fill('9000');
    t.match(await fieldError(pause), /O maior valor é 5\.000/);
    t.same(await axeFindings(page), []);
    await pause.fill('300');
    await dialog.getByLabel('Endereço da API').fill('http://10.0.0.1');
    await dialog.getByLabel('Motivo').fill('ajuste');
    await dialog.getByRole('button', { name: 'Salvar' }).click();
    const url = dialog.getByLabel('Endereço da API');
    await dialog.locator('.field-error').first().waitFor();
    t.ok(await fieldError(url), 'where one may not send us is refused by the server, at the field');
    await url.fill('');
    await dialog.getByRole('button', { name: 'Salvar' }).click();
    await page.getByText('Ajustes em vigor desde a próxima fala.').waitFor();
    t.match((await api('GET', stt)).body.own.settings, { 'stt/deepgram': { endpointingMs: 300 } });
    t.same(faults, []);
  });

  t.test('what outside calls itself is text, on a phone and in the dark too', async (t) => {
    const { status } = await api('PUT', stt, { use: ['stt/elevenlabs', `stt/deepgram:${PAYLOAD}`], why: PAYLOAD });
    t.equal(status, 200);
    const { page, faults } = await openPanel(browser, balto, '/provedores', {
      cookie,
      context: { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
    });
    await page.getByText(`Deepgram Nova e Flux · ${PAYLOAD}`).first().waitFor();
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, 'nothing sticks out');
    t.same(await axeFindings(page), []);
    await page.getByRole('tab', { name: 'Rascunhos e versões' }).click();
    await page.getByText(PAYLOAD).first().waitFor();
    t.equal(await page.evaluate('document.querySelectorAll("img[src=x]").length'), 0);
    t.same(faults, []);
  });
});

/** What is said at a field, as a screen reader finds it. */
async function fieldError(control: ReturnType<Page['locator']>): Promise<string | null> {
  const ids = (await control.getAttribute('aria-describedby'))?.split(' ') ?? [];
  const texts = await Promise.all(
    ids.filter((id) => id.endsWith('-error')).map((id) => control.page().locator(`[id="${id}"]`).textContent()),
  );
  return texts.join(' ') || null;
}
