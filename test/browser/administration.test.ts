import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import t from 'tap';
import { apiOf } from '../helpers/admin-api.ts';
import { ADMIN_SECRET, startBalto } from '../helpers/balto.ts';
import { axeFindings, countOf, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { sessionOf } from '../helpers/people.ts';

t.setTimeout(240_000);

const HOSTILE = '"><img src=x onerror=alert(1)>';

t.test('health, audit and users in the panel', { skip: noBrowser }, async (t) => {
  const house = await startBalto(t);
  const { store } = house.balto;
  const { clientId } = house;
  const cookie = await house.login();
  const api = apiOf(house.url, cookie);
  const browser = await openBrowser(t);

  await t.test('Saúde: a copy is made, downloaded with the password said again, and deleted', async (t) => {
    const { page, faults } = await openPanel(browser, house, '/saude', { cookie });
    await page.getByText('ninguém copiou este banco ainda').waitFor();
    await page.getByText('Nenhuma cópia ainda').waitFor();
    await page.getByRole('button', { name: 'Copiar agora' }).click();
    const row = page.getByRole('region', { name: 'Cópias do banco' }).getByRole('row').nth(1);
    await row.getByText('Pronta').waitFor();
    await row.getByText('Dono, neste painel').waitFor();
    await page.getByText('em dia', { exact: true }).waitFor();
    await row.getByRole('button', { name: 'Baixar cópia' }).click();
    const dialog = page.getByRole('dialog', { name: 'Diga a sua senha de novo' });
    t.same(await axeFindings(page), [], 'the dialog too');
    await dialog.getByLabel('Sua senha').fill('não é esta, por certo');
    await dialog.getByRole('button', { name: 'Baixar' }).click();
    await dialog.getByText('A senha não está certa.').waitFor();
    await dialog.getByLabel('Sua senha').fill(ADMIN_SECRET);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Baixar' }).click(),
    ]);
    t.match(download.suggestedFilename(), /^balto-\d{8}T\d{6}Z-[0-9a-f]{8}\.tar\.gz$/);
    const archive = gunzipSync(await readFile(await download.path()));
    t.ok(archive.includes('manifest.json') && archive.includes(clientId), 'the whole shop is in it');
    await row.getByRole('button', { name: 'Apagar' }).click();
    const confirm = page.getByRole('dialog', { name: 'Apagar esta cópia?' });
    await confirm.getByLabel('Motivo').fill('era só um teste');
    await confirm.getByRole('button', { name: 'Apagar' }).click();
    await page.getByText('Nenhuma cópia ainda').waitFor();
    t.match(
      (await store.audit.page({ action: 'backup' }, 3)).items.map(({ action }) => action),
      ['backup.remove', 'backup.download', 'backup.start'],
    );
    t.same(await axeFindings(page), []);
    t.same(faults, []);
  });

  await t.test('Auditoria: in words, filtered, opened, hostile text is text; whole, then wounded', async (t) => {
    const by = { actor: 'cli' };
    for (let n = 0; n < 55; n++) await store.audit.append({ ...by, action: 'counter.vad', target: `counter:${n}` });
    const why = `motivo ${HOSTILE}`;
    await store.audit.append({
      actor: HOSTILE,
      action: 'product.update',
      target: HOSTILE,
      why,
      after: { name: HOSTILE },
    });
    const { page, faults } = await openPanel(browser, house, '/auditoria', { cookie });
    await page.getByText(/^Íntegra: \d+ linhas conferidas/).waitFor();
    const table = page.getByRole('region', { name: 'Linhas da auditoria' });
    await table.getByRole('cell', { name: why }).waitFor();
    t.equal(await page.locator('main img').count(), 0, 'no element came of it');
    t.equal(await countOf(table.getByRole('row'), 51), 51);
    await table.getByRole('cell', { name: 'Ajustou a escuta de um balcão' }).first().waitFor();
    t.notMatch(await table.textContent(), /counter\.vad|admin:/, 'no code is shown');
    await page.getByRole('button', { name: 'Mostrar mais' }).click();
    await table.getByText('O próprio Balto').first().waitFor();
    t.ok((await table.getByRole('row').count()) > 56);
    await page.getByLabel('O que foi feito').selectOption('product');
    await table.getByRole('row').nth(2).waitFor({ state: 'detached' });
    await page.getByLabel('Quem').selectOption('Dono');
    await page.getByText('Nenhuma linha com estes filtros').waitFor();
    await page.getByLabel('Quem').selectOption('Todos');
    await table.getByRole('button', { name: /^Ver a linha/ }).click();
    const detail = page.getByRole('dialog');
    t.match(await detail.locator('pre').textContent(), HOSTILE.replaceAll('"', '\\"'));
    t.same(await axeFindings(page), []);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Limpar filtros' }).click();
    await page.getByLabel('Até').fill('2020-01-01');
    await page.getByText('Nenhuma linha com estes filtros').waitFor();
    await store.db.system(async (trx) => {
      await sql`alter table audit_log disable trigger all`.execute(trx);
      await sql`update audit_log set why = 'outra coisa' where seq = 3`.execute(trx);
      await sql`alter table audit_log enable trigger all`.execute(trx);
    });
    await page.getByRole('button', { name: 'Conferir de novo' }).click();
    await page.getByText('A auditoria não confere: alguém mexeu nela.').waitFor();
    await page.getByText('A linha 3 foi alterada.').waitFor();
    t.same(await axeFindings(page), []);
    t.same(faults, []);
  });

  await t.test('Usuários: an invitation sets a password once; roles, access and tokens', async (t) => {
    const { page, faults } = await openPanel(browser, house, '/usuarios', { cookie });
    await page.getByRole('button', { name: 'Convidar' }).click();
    const invite = page.getByRole('dialog', { name: 'Convidar alguém' });
    await invite.getByLabel('Nome').fill(HOSTILE);
    await invite.getByLabel('E-mail').fill('rita@farmacia.com.br');
    await invite.getByLabel('Papel').selectOption('farmaceutico');
    t.same(await axeFindings(page), []);
    await invite.getByRole('button', { name: 'Criar convite' }).click();
    const link = (await page.getByRole('dialog').locator('code').textContent()) ?? '';
    t.match(link, /\/admin\/convite#bi_[\w-]{43}$/);
    await page.getByRole('button', { name: 'Fechar' }).last().click();
    const people = page.getByRole('region', { name: 'Pessoas' });
    await people.getByText('Convite pendente').waitFor();
    t.equal(await page.locator('main img').count(), 0);

    const guest = await openPanel(browser, house, link.slice(link.indexOf('/convite')));
    await guest.page.getByLabel('Senha nova').fill('curta');
    await guest.page.getByLabel('A mesma senha, de novo').fill('curta');
    await guest.page.getByRole('button', { name: 'Definir senha e entrar' }).click();
    await guest.page
      .getByText(/12 caracteres/)
      .nth(1)
      .waitFor();
    t.same(await axeFindings(guest.page), []);
    for (const label of ['Senha nova', 'A mesma senha, de novo']) {
      await guest.page.getByLabel(label).fill('uma frase bem comprida de verdade');
    }
    await guest.page.getByRole('button', { name: 'Definir senha e entrar' }).click();
    const menu = guest.page.getByRole('navigation', { name: 'Páginas' });
    await menu.getByText('Catálogo e regras').waitFor();
    const seen = await menu.getByRole('link').allTextContents();
    t.notOk(seen.includes('Usuários') || seen.includes('Auditoria'), 'a pharmacist administers nobody');
    t.notMatch(guest.page.url(), /#/, 'the invitation is gone from the address');
    const again = await openPanel(browser, house, link.slice(link.indexOf('/convite')));
    for (const label of ['Senha nova', 'A mesma senha, de novo']) {
      await again.page.getByLabel(label).fill('uma frase bem comprida de verdade');
    }
    await again.page.getByRole('button', { name: 'Definir senha e entrar' }).click();
    await again.page.getByText(/já usado ou vencido/).waitFor();

    await page.reload();
    await people.getByRole('button', { name: `Gerenciar ${HOSTILE}` }).click();
    const manage = page.getByRole('dialog');
    const disable = manage.getByRole('button', { name: 'Tirar o acesso' });
    t.ok(await disable.isDisabled(), 'a reason is asked for');
    await manage.getByLabel('Motivo').fill('mudou de loja');
    t.same(await axeFindings(page), []);
    await disable.click();
    await manage.getByRole('button', { name: 'Devolver o acesso' }).waitFor();
    await page.keyboard.press('Escape');
    await people.getByText('Sem acesso').waitFor();
    await guest.page.reload();
    await guest.page.getByRole('heading', { name: 'Entrar no Balto' }).waitFor();

    await page.getByRole('tab', { name: 'Tokens de API' }).click();
    await page.getByRole('button', { name: 'Novo token' }).click();
    const token = page.getByRole('dialog', { name: 'Novo token de API' });
    await token.getByLabel('Para que serve').fill('painel de senhas');
    await token.getByLabel(/^Ver o cliente, seus balcões/).check();
    t.same(await axeFindings(page), []);
    await token.getByRole('button', { name: 'Criar token' }).click();
    const secret = (await page.getByRole('dialog').locator('code').textContent()) ?? '';
    const bearer = { authorization: `Bearer ${secret}` };
    t.equal((await house.get('/api/v1/clients', bearer)).status, 200);
    await page.getByRole('button', { name: 'Fechar' }).last().click();
    await page.getByRole('button', { name: 'Revogar painel de senhas' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revogar' }).click();
    await page.getByText('Revogado', { exact: true }).waitFor();
    t.equal((await house.get('/api/v1/clients', bearer)).status, 401);
    t.same(await axeFindings(page), []);
    t.same([...faults, ...guest.faults, ...again.faults], []);
  });

  await t.test(
    'a server that does not answer is said, and asked again; what the server refuses is shown',
    async (t) => {
      const { page, faults } = await openPanel(browser, house, '/conta', { cookie });
      await page.getByRole('heading', { name: 'Minha conta', level: 1 }).waitFor();
      await page.route('**/api/v1/backups', (route) => route.abort());
      await page.route('**/api/v1/providers/health', (route) =>
        route.fulfill({ status: 500, contentType: 'text/html', body: '<b>proxy</b>' }),
      );
      await page.getByRole('navigation', { name: 'Páginas' }).getByText('Saúde').click();
      await page.getByText('O servidor não respondeu. Confira a rede e tente de novo.').waitFor();
      await page.getByText('O servidor recusou o pedido (500).').waitFor();
      t.same(await axeFindings(page), []);
      await page.unroute('**/api/v1/backups');
      await page.unroute('**/api/v1/providers/health');
      const again = page.getByRole('button', { name: 'Tentar de novo' }).first();
      await again.click();
      await page.getByText('Nenhuma cópia ainda').waitFor();
      await again.click();
      await page.getByText('Nenhum fornecedor foi chamado ainda').waitFor();
      t.same(
        faults.filter((fault) => !/ERR_FAILED|status of 500/.test(fault)),
        [],
      );
    },
  );

  await t.test('each role sees its own; an address it may not open says so', async (t) => {
    await api('POST', '/clients', { email: 'b@x.br', companyName: 'Outra' });
    const cases = [
      ['viewer', clientId, ['/usuarios', '/auditoria'], false],
      ['farmaceutico', clientId, ['/usuarios', '/auditoria'], false],
      ['admin', clientId, [], false],
      ['owner', clientId, [], false],
      ['admin', null, [], true],
    ] as const;
    for (const [role, at, forbidden, isForAll] of cases) {
      const own = await sessionOf(store, { clientId: at, role });
      const { page, faults } = await openPanel(browser, house, '/saude', { cookie: own });
      await page.getByRole('heading', { name: 'Fornecedores usados há pouco' }).waitFor();
      if (isForAll) await page.getByText('Disco livre').waitFor();
      t.equal(await page.getByText('Cópias do banco').count(), 0, `${role}: copies are the platform owner's`);
      t.equal(await page.getByText('Disco livre').count(), isForAll ? 1 : 0, `${role}: ${isForAll}`);
      for (const path of ['/usuarios', '/auditoria']) {
        await page.goto(`${house.url}/admin${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        const isRefused = (await page.getByRole('heading', { name: 'Sem permissão' }).count()) === 1;
        t.equal(isRefused, (forbidden as readonly string[]).includes(path), `${role} ${path}`);
      }
      t.same(faults, []);
      await page.context().close();
    }
  });
});
