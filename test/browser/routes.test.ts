import type { Locator } from 'playwright-core';
import t from 'tap';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { startBalto } from '../helpers/balto.ts';
import { axeFindings, countOf, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { interaction, shadow, usage } from '../helpers/interactions.ts';
import { sessionOf } from '../helpers/people.ts';

const PAYLOAD = '<img src=x onerror=alert(1)>';
const DAY_MS = 86_400_000;

/** What is said at a field, as a screen reader finds it. */
async function fieldError(control: Locator): Promise<string> {
  const ids = (await control.getAttribute('aria-describedby'))?.split(' ') ?? [];
  const texts = await Promise.all(
    ids.filter((id) => id.endsWith('-error')).map((id) => control.page().locator(`[id="${id}"]`).textContent()),
  );
  return texts.join(' ');
}

t.test('routes and costs, in a browser', { skip: noBrowser }, async (t) => {
  const listening = new Coverage(await wavReference());
  const vendors = { deepgram: await startDeepgram({ listening }), elevenlabs: await startElevenLabs({ listening }) };
  const balto = await startBalto(t, { vendors, env: { SMART_ROUTING_ENABLED: '0' } });
  const { store } = balto.balto;
  const browser = await openBrowser(t);
  const cookie = await balto.login();
  const api = apiOf(balto.url, cookie);
  const rules = `/clients/${balto.clientId}/routing-rules`;
  for (let day = 0; day < 10; day++) {
    const at = new Date(Date.now() - day * DAY_MS);
    const place = { clientId: balto.clientId, counterId: balto.counterId };
    const id = store.ids.nextId();
    const row = interaction({
      ...place,
      id,
      timestamp: at,
      segmentDurationMs: day % 2 === 0 ? 2000 : 8000,
      snr: 20,
      audioClass: 'fala',
      sttModel: 'deepgram',
      feedback: day < 4 ? 'aceito' : 'recusado',
      tsSpeechEnd: at,
      tsTranscriptionReady: new Date(at.getTime() + 400),
      tsClientSent: at,
      decision: { address: 'stt/deepgram', mode: 'segment', candidates: ['stt/deepgram', 'stt/elevenlabs'] },
    });
    const line = usage({
      ...place,
      interactionId: id,
      provider: 'stt/deepgram:nova-3',
      quantity: 60,
      costMicroUsd: 500_000,
      at,
    });
    await store.journal.append({ type: 'interaction', interaction: row, usage: [line] });
    const answer = { provider: 'stt/deepgram', text: 'quero um xarope' };
    const heard = shadow({ clientId: balto.clientId, at, answer, provider: 'stt/elevenlabs', text: 'quero xarope' });
    await store.journal.append({ type: 'shadow', interactionId: id, shadow: heard, usage: [] });
  }
  await store.drained();

  t.test('a rule that cannot be is refused at its field, and put right there', async (t) => {
    const { page, faults } = await openPanel(browser, balto, '/rotas', { cookie });
    await page.getByText('Nenhuma regra aqui').waitFor();
    await page.getByRole('button', { name: 'Acrescentar regra' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Nome da regra').fill(PAYLOAD);
    await dialog.getByLabel('Duração menor que (s)').fill('5');
    await dialog.getByLabel('Como transcreve').selectOption({ label: 'Ao vivo' });
    await dialog.getByLabel('Acrescentar').selectOption({ label: 'Deepgram Nova e Flux' });
    await dialog.getByRole('button', { name: 'Pôr na lista' }).click();
    t.same(await axeFindings(page), []);
    await dialog.getByRole('button', { name: 'Aplicar à lista' }).click();
    await page.getByText('a fala dura menos de 5 s', { exact: false }).waitFor();
    const save = async (why: string) => {
      await page.getByRole('button', { name: 'Pôr as regras em vigor' }).click();
      await dialog.getByLabel('Motivo').fill(why);
      await dialog.getByRole('button', { name: 'Pôr as regras em vigor' }).click();
    };
    await save('curtas ao vivo');
    const mode = dialog.getByLabel('Como transcreve');
    await mode.waitFor();
    t.equal(await mode.getAttribute('aria-invalid'), 'true');
    t.match(await fieldError(mode), /routing|stream|começo|fim/, 'the server’s reason stands at the field');
    t.same(await axeFindings(page), []);
    t.equal((await api('GET', rules)).body.rules, null, 'nothing was saved');
    await mode.selectOption({ label: 'Fala inteira' });
    await dialog.getByRole('button', { name: 'Aplicar à lista' }).click();
    await save('curtas inteiras');
    await page.getByText('Regras em vigor desde a próxima fala.').waitFor();
    t.match((await api('GET', rules)).body.rules, [
      { title: PAYLOAD, when: { durationMs: { max: 5000 } }, use: ['stt/deepgram'], mode: 'segment' },
    ]);
    await page.getByText(PAYLOAD).first().waitFor();
    t.equal(await page.evaluate('document.querySelectorAll("img[src=x]").length'), 0);
    t.same(faults, []);
  });

  t.test('an utterance is explained; other rules are simulated beside what happened', async (t) => {
    await api('PUT', rules, {
      rules: [
        { id: 'curta', priority: 10, when: { durationMs: { max: 5000 } }, use: ['stt/elevenlabs'], mode: 'segment' },
        { id: 'resto', priority: 20, when: {}, use: ['stt/deepgram'], mode: 'segment' },
      ],
      why: 'curtas ao preciso',
    });
    const { page, faults } = await openPanel(browser, balto, '/rotas', { cookie });
    await page.getByRole('tab', { name: 'Explicar uma fala' }).click();
    await page.getByRole('button', { name: 'Explicar', exact: true }).click();
    await page.getByText('Iria a ElevenLabs Scribe, pela regra curta.').waitFor();
    await page.getByLabel('Duração (s)').fill('9');
    await page.getByRole('button', { name: 'Explicar', exact: true }).click();
    await page.getByText('Iria a Deepgram Nova e Flux, pela regra resto.').waitFor();
    t.same(await axeFindings(page), []);
    await page.getByRole('tab', { name: 'Simular' }).click();
    await page.getByRole('button', { name: 'Simular', exact: true }).click();
    await page.getByText('10 falas refeitas, todas as do período.', { exact: false }).waitFor();
    const table = page.getByRole('region', { name: 'Provedor por provedor' });
    t.match(await table.innerText(), /Deepgram Nova e Flux\s+100%\s+50%/);
    t.match(await table.innerText(), /ElevenLabs Scribe\s+–\s+50%/);
    t.same(await axeFindings(page), []);
    t.same(faults, []);
  });

  t.test('two save rules: the second sees what differs and goes on', async (t) => {
    const [one, two] = [
      await openPanel(browser, balto, '/rotas', { cookie }),
      await openPanel(browser, balto, '/rotas', { cookie }),
    ];
    for (const { page } of [one, two]) await page.getByRole('button', { name: 'Descer curta' }).waitFor();
    const save = async (page: typeof one.page, why: string) => {
      await page.getByRole('button', { name: 'Pôr as regras em vigor' }).click();
      await page.getByRole('dialog').getByLabel('Motivo').fill(why);
      await page.getByRole('dialog').getByRole('button', { name: 'Pôr as regras em vigor' }).click();
    };
    await one.page.getByRole('button', { name: 'Tirar resto' }).click();
    await save(one.page, 'sem resto');
    await one.page.getByText('Regras em vigor desde a próxima fala.').waitFor();
    await two.page.getByRole('button', { name: 'Desligar curta' }).click();
    await save(two.page, 'desligar');
    const dialog = two.page.getByRole('dialog', { name: 'Alguém mudou enquanto você editava' });
    await dialog.getByText('não existe').waitFor();
    t.same(await axeFindings(two.page), []);
    await dialog.getByRole('button', { name: 'Continuar com as minhas' }).click();
    await save(two.page, 'desligar');
    await two.page.getByText('Regras em vigor desde a próxima fala.').waitFor();
    t.match((await api('GET', rules)).body.rules, [{ id: 'curta', enabled: false }, { id: 'resto' }]);
    t.same([...one.faults, ...two.faults], []);
  });

  t.test('what it cost, what it will, and what routing saved', async (t) => {
    const { page, faults } = await openPanel(browser, balto, '/custos', { cookie });
    const stat = (name: string) => page.locator('.stat').filter({ hasText: name }).first();
    await stat('Falas hoje').getByText('1', { exact: true }).waitFor();
    const { body } = await api('GET', `/figures/forecast?clientId=${balto.clientId}`);
    const reais = (brl: number) => `R$ ${brl.toFixed(2).replace('.', ',')}`;
    await stat('Gasto no mês').getByText(reais(body.spent.brl), { exact: true }).waitFor();
    await stat('Previsão do mês').getByText(reais(body.forecast.expected.brl), { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'Provedores lado a lado' }).waitFor();
    const sides = page.getByRole('region', { name: 'Provedores lado a lado' });
    await sides.waitFor();
    t.match(await sides.innerText(), /Deepgram Nova e Flux\s+100% \(10\)/);
    t.match(await sides.innerText(), /33,3% de 10\s+40% de 10/, 'apart from the shadow, and accepted');
    t.same(await axeFindings(page), []);
    await page.getByRole('tab', { name: 'Dia' }).click();
    t.equal(await countOf(page.getByRole('region', { name: 'Custos por Dia' }).getByRole('row'), 11), 11);
    await page.getByRole('button', { name: 'Definir orçamento' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Salvar' }).click();
    t.match(await fieldError(dialog.getByLabel('Quanto (US$)')), 'Escreva um valor maior que zero.');
    await dialog.getByLabel('Quanto (US$)').fill('6');
    await dialog.getByLabel('Motivo').fill('combinado');
    t.same(await axeFindings(page), []);
    await dialog.getByRole('button', { name: 'Salvar' }).click();
    await page.getByText('Orçamento em vigor.').waitFor();
    await page.getByText('Perto do fim').waitFor();
    t.match((await api('GET', `/clients/${balto.clientId}/budget`)).body.own, { microUsd: 6_000_000, period: 'month' });
    t.same(faults, []);
  });

  t.test('who may only look is shown no button that changes anything', async (t) => {
    const token = await sessionOf(store, { clientId: balto.clientId, role: 'viewer' });
    for (const [path, button] of [
      ['/provedores', 'Pôr em vigor'],
      ['/rotas', 'Pôr as regras em vigor'],
      ['/custos', 'Mudar'],
    ] as const) {
      const { page, faults } = await openPanel(browser, balto, path, { cookie: token });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('.card').first().waitFor();
      t.equal(await page.getByRole('button', { name: button, exact: true }).count(), 0, path);
      t.same(await axeFindings(page), [], path);
      t.same(faults, [], path);
    }
  });

  t.test('nothing sticks out of a phone, in the dark', async (t) => {
    for (const path of ['/rotas', '/custos']) {
      const { page, faults } = await openPanel(browser, balto, path, {
        cookie,
        context: { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
      });
      await page.locator('.card').first().waitFor();
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, path);
      t.same(await axeFindings(page), [], path);
      t.same(faults, [], path);
    }
  });

  t.test('the platform’s owner works for all clients at once', async (t) => {
    await store.clients.create({ email: 'outra@farmacia.com.br', companyName: PAYLOAD });
    for (const [path, text] of [
      ['/provedores', 'Ordem em que são chamados'],
      ['/rotas', 'Regras de todos os clientes'],
      ['/custos', 'Orçamento de cada cliente'],
    ] as const) {
      const { page, faults } = await openPanel(browser, balto, path, { cookie });
      await page.getByText(text).or(page.getByLabel(text)).first().waitFor();
      await page.locator('.skeleton').first().waitFor({ state: 'detached' });
      t.equal(await page.getByRole('alert').count(), 0, path);
      t.same(await axeFindings(page), [], path);
      t.same(faults, [], path);
    }
  });
});
