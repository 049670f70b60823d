import t from 'tap';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';

/** Half a second of a tone of a tenth of full scale, 16 kHz mono. */
const TONE = Buffer.from(
  Int16Array.from({ length: 8000 }, (_, at) => Math.round(3276.7 * Math.sin((2 * Math.PI * 440 * at) / 16_000))).buffer,
);

t.test(
  'a counter is paired, approved, tuned by its own sound, renamed, given a key, revoked',
  { skip: noBrowser },
  async (t) => {
    const house = await startBalto(t, { env: { BALTO_VAD: 'vad/webrtc' } });
    const { store } = house.balto;
    const browser = await openBrowser(t);
    const { page, faults } = await openPanel(browser, house, '/balcoes', { cookie: await house.login() });

    await page.getByRole('button', { name: 'Mostrar um código' }).click();
    const code = ((await page.locator('.pair-code').textContent()) ?? '').replace(/\s/g, '');
    const paired = await house.post('/cadastro/balcao', { nome_balcao: 'Caixa <b>2</b>', user_codigo: code });
    t.equal(paired.status, 200, 'a device comes in with the code on the screen');
    const row = page.getByRole('row', { name: /Caixa <b>2<\/b>/ });
    await row.waitFor({ timeout: 20_000 });
    t.same(await axeFindings(page), []);

    const waiting = await store.counters.register(house.clientId, 'Caixa que espera', 'pending');
    await page.reload();
    const pending = page.getByRole('row', { name: /Caixa que espera/ });
    await pending.getByRole('button', { name: 'Aprovar' }).click();
    const dialog = page.getByRole('dialog').last();
    await dialog.getByLabel('Motivo').fill('é da loja nova');
    await dialog.getByRole('button', { name: 'Aprovar' }).click();
    await pending.getByText('Atende').waitFor();
    t.equal((await store.counters.byId(waiting.counter.counterId))?.status, 'active');

    const device = await connectCounter(house.ws, waiting.apiKey, { protocolo: 2, audio: { formato: 'pcm_s16le' } });
    await device.receive('pronto');
    const speaking = setInterval(() => device.socket.send(TONE), 500);
    t.teardown(() => clearInterval(speaking));
    await pending.getByRole('button', { name: 'Abrir' }).click();
    const meter = page.getByRole('meter', { name: 'Nível do som' });
    await meter.waitFor();
    await page.locator('.meter-mark:not(.noise)').waitFor({ timeout: 20_000 });
    t.match(await meter.getAttribute('aria-valuetext'), /^-23 dB$/, 'what the server hears');
    await page.getByLabel('Loja barulhenta').check();
    await page.getByRole('button', { name: 'Usar este ambiente' }).click();
    await page.getByText('Escuta ajustada').waitFor();
    t.match((await store.counters.byId(waiting.counter.counterId))?.vad, { minEnergy: 150, thresholdMultiplier: 2.5 });
    t.same(await axeFindings(page), []);

    await page.getByRole('tab', { name: 'Nome' }).click();
    await page.getByRole('textbox', { name: /^Nome/ }).fill('Caixa da entrada');
    await page.getByLabel('Etiquetas').fill('Noite 24h');
    await page.getByRole('button', { name: 'Salvar nome e etiquetas' }).click();
    await page.getByRole('dialog', { name: 'Caixa da entrada' }).waitFor();
    t.match(await store.counters.byId(waiting.counter.counterId), { name: 'Caixa da entrada', tags: ['noite', '24h'] });

    const reason = async (verb: string) => {
      await page.getByRole('button', { name: verb, exact: true }).click();
      const asked = page.getByRole('dialog', { name: verb });
      await asked.getByLabel('Motivo').fill('teste');
      await asked.getByRole('button', { name: verb, exact: true }).click();
    };
    await page.getByRole('tab', { name: 'Acesso' }).click();
    await reason('Trocar a chave');
    const key = (await page.locator('.secret code').textContent()) ?? '';
    t.match(await store.counters.byKey(key), { counterId: waiting.counter.counterId });
    t.equal((await device.closed).code, 4001, 'the old key is worth nothing');
    await page.getByRole('button', { name: 'Já copiei' }).click();
    t.notOk((await page.content()).includes(key), 'shown once');
    await reason('Revogar');
    await page.locator('dialog .badge').getByText('Revogado').waitFor();
    t.equal(await store.counters.byKey(key), null);
    t.same(await axeFindings(page), []);
    await page.setViewportSize({ width: 360, height: 740 });
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, 'nothing sticks out');
    t.same(faults, []);
  },
);
