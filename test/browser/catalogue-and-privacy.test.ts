import { readFile } from 'node:fs/promises';
import t from 'tap';
import { insertInteractions } from '../../core/store/interactions.ts';
import { apiOf } from '../helpers/admin-api.ts';
import { startBalto } from '../helpers/balto.ts';
import { axeFindings, countOf, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { interaction } from '../helpers/interactions.ts';
import { sessionOf } from '../helpers/people.ts';

t.setTimeout(240_000);

const HOSTILE = '"><img src=x onerror=alert(1)>';
const HEAD = 'codigo;nome;medicamento;classe_venda;tag\r\n';

t.test('catalogue and privacy in the panel', { skip: noBrowser }, async (t) => {
  const house = await startBalto(t);
  const { store } = house.balto;
  const { clientId } = house;
  const cookie = await house.login();
  const api = apiOf(house.url, cookie);
  const browser = await openBrowser(t);
  const base = `/clients/${clientId}`;
  const said = async (transcript: string, gate: object | null = null) => {
    const timestamp = new Date();
    const row = interaction({ id: store.ids.nextId(), clientId, timestamp, transcript, decision: {}, gate });
    await store.db.system((trx) => insertInteractions(trx, [row]));
    return row.id;
  };

  await t.test('Catálogo: tried, imported, found, changed, undone', async (t) => {
    const { page, faults } = await openPanel(browser, house, '/catalogo', { cookie });
    await page.getByText('Nenhum produto aqui').waitFor();
    await page.getByRole('tab', { name: 'Importar' }).click();
    const file = {
      name: `${HOSTILE}.csv`,
      mimeType: 'text/csv',
      buffer: Buffer.from(
        `${HEAD}1;Gaze;não;venda_livre;curativos\r\n2;${HOSTILE.slice(2)};não;livre demais;outros\r\n`,
      ),
    };
    await page.getByLabel('Arquivo').setInputFiles(file);
    await page.getByRole('button', { name: 'Conferir' }).click();
    await page.getByText('Recusada').first().waitFor();
    const issues = page.getByRole('region', { name: 'Erros e relatório' });
    await issues.getByText('classe_venda').first().waitFor();
    t.equal(await page.locator('main img').count(), 0, 'a file name is text');
    t.same(await axeFindings(page), []);
    await page.getByLabel('Importar as linhas boas').check();
    await page.getByRole('button', { name: 'Conferir' }).click();
    await page.getByText('Só conferência: nada mudou').waitFor();
    t.equal((await api('GET', `${base}/catalogue/products`)).body.items.length, 0);
    await page.getByRole('button', { name: 'Importar agora' }).click();
    const history = page.getByRole('region', { name: 'Importações' });
    await history.getByText('Importada').waitFor();

    await page.getByRole('tab', { name: 'Produtos' }).click();
    await page.getByLabel('Procurar').fill('gaz');
    await page.getByRole('button', { name: 'Editar Gaze' }).click();
    const edit = page.getByRole('dialog', { name: 'Editar produto' });
    await edit.getByLabel(/^Nome/).fill(HOSTILE);
    await edit.getByLabel('Categoria').fill('nenhuma dessas');
    await edit.getByLabel('Motivo').fill('nome de antes');
    t.same(await axeFindings(page), []);
    await edit.getByRole('button', { name: 'Salvar' }).click();
    await edit.getByText(/Campo inválido: tag/).waitFor();
    await edit.getByLabel('Categoria').fill('curativos');
    await edit.getByRole('button', { name: 'Salvar' }).click();
    await edit.waitFor({ state: 'detached' });
    await page.getByLabel('Procurar').fill('img src');
    await page.getByRole('button', { name: `Editar ${HOSTILE}` }).waitFor();
    t.equal(await page.locator('main img').count(), 0);

    await page.getByRole('tab', { name: 'Importar' }).click();
    await history.getByRole('button', { name: /^Desfazer/ }).waitFor();
    t.equal(await countOf(history.getByRole('button', { name: /^Desfazer/ }), 1), 1, 'only what changed something');
    await history.getByRole('button', { name: /^Desfazer/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Desfazer' }).click();
    await page.getByText(/1 item dela foi mudado depois/).waitFor();
    await page.getByRole('button', { name: 'Cancelar' }).click();
    const more = Buffer.from(`${HEAD}3;Algodão;não;venda_livre;curativos\r\n`);
    await page.getByLabel('Arquivo').setInputFiles({ ...file, name: 'mais.csv', buffer: more });
    await page.getByRole('button', { name: 'Importar agora' }).click();
    await history.getByRole('button', { name: 'Desfazer mais.csv' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Desfazer' }).click();
    await history.getByText('Desfeita').waitFor();
    t.same(faults, []);
  });

  await t.test('Regras: the list asks for a pharmacist; what he takes away, and what was kept out', async (t) => {
    const refused = { rule: 'restricao', ruleId: 'r_1', listVersion: '1', allowed: false, reason: 'x', candidateId: 1 };
    await said('quero omeprazol', { decisoes: [{ ...refused, name: HOSTILE }] });
    const pharmacist = await sessionOf(store, { clientId, role: 'farmaceutico' });
    const { page, faults } = await openPanel(browser, house, '/catalogo', { cookie: pharmacist });
    t.equal(await page.getByRole('button', { name: 'Novo produto' }).count(), 0, 'a pharmacist writes no products');
    await page.getByRole('tab', { name: 'Lista de venda livre' }).click();
    await page.getByText(/Um farmacêutico deve revisar/).waitFor();
    await page.getByLabel('Procurar na lista').fill('omépraz');
    const lines = page.getByRole('region', { name: 'Medicamentos que podem ser oferecidos' });
    t.equal(await countOf(lines.getByRole('row'), 2), 2, 'accents do not matter');
    await lines.getByText(/IN Anvisa/).waitFor();
    t.same(await axeFindings(page), []);
    await page.getByRole('tab', { name: 'Restrições' }).click();
    t.ok(await page.getByLabel('Só do catálogo deste cliente').isDisabled());
    await page.getByLabel('O quê').selectOption('idade_minima');
    await page.getByLabel('Alvo').fill('mip-ibuprofeno');
    await page.getByLabel(/^Idade mínima/).fill('6');
    await page.getByLabel('Motivo').fill('só se pode restringir');
    await page.getByRole('button', { name: 'Restringir' }).click();
    await page.getByText(/a lista já pede 12 anos: só se pode elevar/).waitFor();
    await page.getByLabel(/^Idade mínima/).fill('16');
    await page.getByRole('button', { name: 'Restringir' }).click();
    const restrictions = page.getByRole('region', { name: 'Restrições' });
    await restrictions.getByText('Elevar a idade mínima: 16 anos').waitFor();
    t.match((await api('GET', `${base}/restrictions`)).body.items, [{ target: 'mip-ibuprofeno', minAgeYears: 16 }]);
    await restrictions.getByRole('button', { name: /^Retirar/ }).click();
    await page.getByRole('dialog').getByLabel('Motivo').fill('revisto');
    await page.getByRole('dialog').getByRole('button', { name: 'Retirar' }).click();
    await page.getByText('Nenhuma restrição: vale a lista como ela é').waitFor();
    await page.getByRole('tab', { name: 'O que foi barrado' }).click();
    await page.getByRole('region', { name: 'Por produto' }).getByText(HOSTILE).waitFor();
    t.equal(await page.locator('main img').count(), 0);
    t.same(await axeFindings(page), []);
    t.same(faults, []);
  });

  await t.test('RESTRICT_PRODUCTS of this client, by a box and a reason', async (t) => {
    const { page, faults } = await openPanel(browser, house, '/catalogo', { cookie });
    await page.getByRole('tab', { name: 'Restrições' }).click();
    await page.getByText('Vem de RESTRICT_PRODUCTS, no servidor.').waitFor();
    await page.getByLabel('Só do catálogo deste cliente').check();
    await page.getByLabel('Motivo').first().fill('só o que há na loja');
    await page.getByRole('button', { name: 'Salvar' }).click();
    await page.getByText('Escolhido para este cliente.').waitFor();
    t.match((await api('GET', `${base}/offering`)).body, { now: { restrictProducts: true, from: 'client' } });
    t.same(faults, []);
  });

  await t.test('Privacidade: terms, audio, bases, map; each change with its reason', async (t) => {
    const { page, faults } = await openPanel(browser, house, '/privacidade', { cookie });
    await page.getByLabel('Textos do que foi dito (dias)').fill('10');
    await page.getByLabel('Motivo').fill('menos é melhor');
    await page.getByRole('button', { name: 'Salvar' }).click();
    await page.getByText(/Prazos salvos/).waitFor();
    t.match((await api('GET', `${base}/data-protection`)).body.retention, { transcriptDays: 10 });
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel('Por que se guarda').fill(HOSTILE);
    await page.getByLabel('Até').fill(until);
    await page.getByRole('button', { name: 'Guardar o áudio' }).click();
    await page.getByText(/^Guardado até/).waitFor();
    t.equal(await page.locator('main img').count(), 0);
    t.same(await axeFindings(page), []);
    await page.getByLabel('Motivo').last().fill('acabou o estudo');
    await page.getByRole('button', { name: 'Parar de guardar' }).click();
    await page.getByText(/^Não se guarda/).waitFor();
    await page.getByRole('tab', { name: 'Bases legais' }).click();
    await page.getByLabel('Por que esta base').fill('Ajudar quem atende.');
    await page.getByRole('button', { name: 'Registrar base' }).click();
    await page.getByRole('region', { name: 'Bases legais registradas' }).getByText('Vale', { exact: true }).waitFor();
    t.same(await axeFindings(page), []);
    await page.getByRole('tab', { name: 'Mapa de dados' }).click();
    await page.getByRole('region', { name: 'O que fica neste Balto' }).getByText('10 dias').waitFor();
    const [notice] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('link', { name: 'Abrir o aviso para imprimir' }).click(),
    ]);
    await notice.getByRole('heading', { name: 'Este balcão é ouvido por um computador' }).waitFor();
    t.same(faults, []);
  });

  await t.test('a request: handed out as a file; erased only with the word typed; the receipt says what', async (t) => {
    const id = await said('meu segredo canário');
    const other = await said('outra pessoa');
    const { page, faults } = await openPanel(browser, house, '/privacidade', { cookie });
    await page.getByRole('tab', { name: 'Entregar e apagar' }).click();
    const erase = page.getByRole('button', { name: 'Apagar', exact: true });
    t.ok(await erase.isDisabled());
    await page.getByLabel('Número da fala').fill(String(id));
    await page.getByLabel('Motivo').fill('pedido do titular');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Entregar (baixar)' }).click(),
    ]);
    t.match(await readFile(await download.path(), 'utf8'), /meu segredo canário/);
    await erase.click();
    const dialog = page.getByRole('dialog', { name: 'Apagar para sempre?' });
    const confirm = dialog.getByRole('button', { name: 'Apagar' });
    const field = dialog.getByLabel('Para confirmar, escreva APAGAR');
    await field.fill('apagar');
    t.ok(await confirm.isDisabled(), 'another word is none');
    await page.keyboard.press('Enter');
    t.equal((await store.interactions.byId(id))?.transcript, 'meu segredo canário', 'nor does Enter do it');
    t.same(await axeFindings(page), []);
    await field.fill('APAGAR');
    await confirm.click();
    await page.getByRole('heading', { name: /^Recibo / }).waitFor();
    const gone = await store.interactions.byId(id);
    t.notMatch(JSON.stringify(gone), /canário/);
    t.equal((await store.interactions.byId(other))?.transcript, 'outra pessoa', 'nobody else');
    t.equal(
      await countOf(page.getByRole('region', { name: 'Recibos' }).getByRole('row'), 3),
      3,
      'one handed out, one erased',
    );
    t.same(await axeFindings(page), []);
    t.same(faults, []);
    const admin = await openPanel(browser, house, '/privacidade', {
      cookie: await sessionOf(store, { clientId, role: 'admin' }),
    });
    await admin.page.getByRole('tab', { name: 'Bases legais' }).waitFor();
    t.equal(await admin.page.getByRole('tab', { name: 'Entregar e apagar' }).count(), 0, 'owners alone erase');
    const viewer = await openPanel(browser, house, '/privacidade', {
      cookie: await sessionOf(store, { clientId, role: 'viewer' }),
    });
    await viewer.page.getByLabel('Textos do que foi dito (dias)').waitFor();
    t.equal(await viewer.page.getByRole('button', { name: 'Salvar' }).count(), 0, 'who looks changes nothing');
  });
});
