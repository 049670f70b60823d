import t from 'tap';
import { startDeepgram, startElevenLabs } from '../emulators/index.ts';
import { ClosedSet } from '../emulators/listening/closed-set.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { startBalto } from '../helpers/balto.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { conversation } from '../helpers/conversation.ts';
import { fakeMicrophone } from '../helpers/fake-microphone.ts';

t.test('a draft of rules, in a browser', { skip: noBrowser }, async (t) => {
  const { pcm, script } = conversation();
  const vendors = {
    deepgram: await startDeepgram({ listening: new ClosedSet(pcm, script) }),
    elevenlabs: await startElevenLabs({ listening: new ClosedSet(pcm, script) }),
  };
  const house = await startBalto(t, { vendors, env: { SMART_ROUTING_ENABLED: '0' } });
  const cookie = await house.login();
  const api = apiOf(house.url, cookie);
  const rules = `/clients/${house.clientId}/routing-rules`;
  const own = { id: 'de-hoje', priority: 10, when: {}, use: ['stt/deepgram'], mode: 'segment' };
  await api('PUT', rules, { rules: [own], why: 'começo' });
  const browser = await openBrowser(t, await fakeMicrophone(t));
  const { page, faults } = await openPanel(browser, house, '/rotas', { cookie });
  const dialog = page.getByRole('dialog');
  const draftItem = page.getByRole('listitem').filter({ hasText: 'Regras de rota' }).first();
  const newRule = async (name: string) => {
    await page.getByRole('button', { name: 'Acrescentar regra' }).click();
    await dialog.getByLabel('Nome da regra').fill(name);
    await dialog.getByLabel('Acrescentar').selectOption({ label: 'ElevenLabs Scribe' });
    await dialog.getByRole('button', { name: 'Pôr na lista' }).click();
    await dialog.getByRole('button', { name: 'Aplicar à lista' }).click();
    await page.getByRole('button', { name: `Subir ${name}` }).click();
  };
  const keep = async () => {
    await page.getByRole('button', { name: 'Guardar rascunho' }).click();
    await dialog.getByLabel('Motivo').fill('experiência');
    await dialog.getByRole('button', { name: 'Guardar rascunho' }).click();
  };
  const confirm = async (button: string) => {
    await draftItem.getByRole('button', { name: button }).click();
    await dialog.getByLabel('Motivo').fill('experiência');
    t.same(await axeFindings(page), []);
    await dialog.getByRole('button', { name: button }).click();
  };

  t.test('it is kept beside the rules in force, and explained before anybody hears by it', async (t) => {
    await newRule('preciso');
    await page.getByRole('tab', { name: 'Explicar uma fala' }).click();
    await page.getByText('com as regras como você as deixou').waitFor();
    await page.getByRole('button', { name: 'Explicar', exact: true }).click();
    await page.getByText('Iria a ElevenLabs Scribe, pela regra preciso.').waitFor();
    await page.getByRole('tab', { name: 'Regras' }).click();
    await keep();
    await page.getByText('Rascunho guardado e conferido.').waitFor();
    await draftItem.getByText('Conferido').waitFor();
    t.match(await draftItem.textContent(), /2 regras \(preciso, de-hoje\)/);
    t.equal(await page.getByRole('button', { name: 'Subir preciso' }).count(), 0, 'the editor shows what is in force');
    t.match((await api('GET', rules)).body.rules, [{ id: 'de-hoje' }]);
    t.same(await axeFindings(page), []);
  });

  t.test('it is tried at the virtual counter: what is heard there is decided by it', async (t) => {
    await draftItem.getByRole('link', { name: 'Experimentar no balcão virtual' }).click();
    await page.getByText('Valem quando você começar a falar.').waitFor();
    t.same(await axeFindings(page), []);
    await page.getByRole('button', { name: 'Falar' }).click();
    await page.getByText('Em prova neste balcão.').waitFor({ timeout: 20_000 });
    const line = page.locator('.heard > li').filter({ hasText: 'preciso' }).first();
    await line.waitFor({ timeout: 60_000 });
    t.match(await line.textContent(), /ElevenLabs Scribe · regra preciso/);
    await page.getByRole('button', { name: 'Parar' }).click();
    const [draft] = (await api('GET', `/drafts?clientId=${house.clientId}&limit=1`)).body.items;
    t.equal(draft.canary.counterIds.length, 1);
    const explained = await api('POST', '/routing/explain', { counterId: house.counterId });
    t.match(explained.body.decision, { rule: 'de-hoje' }, 'the shop’s own counter hears as before');
    await page.getByLabel('Regras de rota neste balcão virtual').selectOption('');
    await page.getByText('Em prova neste balcão.').waitFor({ state: 'detached' });
    t.equal((await api('GET', `/drafts/${draft.id}`)).body.canary, null);
  });

  t.test('it is tried at a counter of the shop, and put in force for all', async (t) => {
    await page.getByRole('link', { name: 'Voltar às regras' }).click();
    await draftItem.getByRole('button', { name: 'Provar em alguns balcões' }).click();
    await dialog.getByRole('checkbox').first().check();
    await dialog.getByLabel('Motivo').fill('experiência');
    t.same(await axeFindings(page), []);
    await dialog.getByRole('button', { name: 'Provar em alguns balcões' }).click();
    await draftItem.getByText('Em prova em 1 de', { exact: false }).waitFor();
    const explained = await api('POST', '/routing/explain', { counterId: house.counterId });
    t.match(explained.body.decision, { rule: 'preciso', draft: String });
    await confirm('Pôr em vigor para todos');
    await page.getByText('Nenhum rascunho').waitFor();
    await page.getByRole('button', { name: 'Descer preciso' }).waitFor();
    t.match((await api('GET', rules)).body.rules, [{ id: 'preciso' }, { id: 'de-hoje' }]);
  });

  t.test('one that is refused is put right in the editor; one that is given up is gone', async (t) => {
    await page.getByRole('button', { name: 'Editar preciso' }).click();
    await dialog.getByLabel('Duração menor que (s)').fill('5');
    await dialog.getByLabel('Como transcreve').selectOption({ label: 'Ao vivo' });
    await dialog.getByRole('button', { name: 'Aplicar à lista' }).click();
    await keep();
    const mode = dialog.getByLabel('Como transcreve');
    await mode.waitFor();
    t.equal(await mode.getAttribute('aria-invalid'), 'true', 'the reason stands at its field');
    await mode.selectOption({ label: 'Fala inteira' });
    await dialog.getByRole('button', { name: 'Aplicar à lista' }).click();
    await keep();
    await draftItem.getByText('Conferido').waitFor();
    t.equal(await page.getByText('Recusado').count(), 0, 'what was refused is not kept');
    await draftItem.getByRole('button', { name: 'Abrir no editor' }).click();
    await page.getByText('a fala dura menos de 5 s', { exact: false }).waitFor();
    await confirm('Abandonar');
    await page.getByText('Nenhum rascunho').waitFor();
    t.match((await api('GET', rules)).body.rules, [{ id: 'preciso', when: {} }, { id: 'de-hoje' }]);
    t.same(faults, []);
  });
});
