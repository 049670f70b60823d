import t from 'tap';
import { startBalto } from '../helpers/balto.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { PASSWORD, personWithPassword } from '../helpers/people.ts';

t.setTimeout(240_000);

const NEW_PASSWORD = 'outra frase bem comprida';

t.test('somebody’s role, access and password, changed in the panel', { skip: noBrowser }, async (t) => {
  const house = await startBalto(t);
  const { store } = house.balto;
  const { clientId } = house;
  const cookie = await house.login();
  const ana = await personWithPassword(store, { clientId, role: 'viewer' });
  const { token } = await store.admin.createSession(ana.id);
  const browser = await openBrowser(t);
  const own = await openPanel(browser, house, '/', { cookie: `admin_token=${token}` });
  const { page, faults } = await openPanel(browser, house, '/usuarios', { cookie });
  const manage = page.getByRole('dialog', { name: 'Ana' });
  const act = async (button: string, why: string) => {
    await manage.getByLabel('Motivo').fill(why);
    await manage.getByRole('button', { name: button, exact: true }).click();
  };
  const roles = async () => (await store.users.byId(ana.id))?.roles.map(({ role }) => role);
  const pagesOf = async () => {
    const menu = own.page.getByRole('navigation', { name: 'Páginas' });
    await menu.getByRole('link').first().waitFor();
    return await menu.getByRole('link').allTextContents();
  };
  await page.getByRole('button', { name: 'Gerenciar Ana' }).click();
  await manage.getByText('Leitor', { exact: false }).first().waitFor();

  await t.test('a role holds at the next request; one taken away too', async (t) => {
    t.notOk((await pagesOf()).includes('Usuários'));
    await manage.getByLabel('Onde').selectOption(clientId);
    await manage.getByLabel('Papel', { exact: true }).selectOption('admin');
    t.ok(await manage.getByRole('button', { name: 'Salvar papel' }).isDisabled(), 'a reason is asked for');
    await act('Salvar papel', 'passou a gerente');
    await page.getByText('Papel salvo. Vale já no próximo pedido da pessoa.').waitFor();
    t.same(await roles(), ['admin']);
    t.same(await axeFindings(page), []);
    await own.page.reload();
    t.ok((await pagesOf()).includes('Usuários'), 'the same session may more');
    // Opening pages is audited as well: whose reading came last is nobody's promise.
    const rows = await store.audit.list(20);
    t.match(
      rows.find(({ why }) => why === 'passou a gerente'),
      { action: /role/ },
    );
  });

  await t.test('what somebody else changed meanwhile is not undone', async (t) => {
    await store.users.setRole(ana.id, '*', { clientId, role: 'farmaceutico' }, { actor: 'cli' });
    await manage.getByLabel('Papel', { exact: true }).selectOption('viewer');
    await act('Salvar papel', 'sem saber do outro');
    await manage.getByRole('alert').waitFor();
    t.same(await roles(), ['farmaceutico']);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Gerenciar Ana' }).click();
    await manage.getByText('Farmacêutico', { exact: false }).first().waitFor();
  });

  await t.test('access taken ends the session, and is given back', async (t) => {
    await act('Tirar o acesso', 'férias');
    await manage.getByRole('button', { name: 'Devolver o acesso' }).waitFor();
    await own.page.reload();
    await own.page.getByRole('heading', { name: 'Entrar no Balto' }).waitFor();
    await act('Devolver o acesso', 'voltou');
    await manage.getByRole('button', { name: 'Tirar o acesso' }).waitFor();
    await own.page.getByLabel(/^E-mail/).fill(ana.email);
    await own.page.getByLabel(/^Senha/).fill(PASSWORD);
    await own.page.getByRole('button', { name: 'Entrar' }).click();
    t.ok((await pagesOf()).length > 0, 'with the password it had');
  });

  await t.test('a new password: the old one and its sessions end, the link works once', async (t) => {
    await act('Dar senha nova', 'esqueceu');
    const link = (await manage.locator('code').textContent()) ?? '';
    t.match(link, /\/admin\/convite#bi_[\w-]{43}$/);
    t.same(await axeFindings(page), []);
    await own.page.reload();
    await own.page.getByRole('heading', { name: 'Entrar no Balto' }).waitFor();
    const login = async (password: string) => await house.post('/admin/login', { email: ana.email, password });
    t.equal((await login(PASSWORD)).status, 401, 'what was forgotten opens nothing');
    const guest = await openPanel(browser, house, link.slice(link.indexOf('/convite')));
    for (const label of ['Senha nova', 'A mesma senha, de novo']) await guest.page.getByLabel(label).fill(NEW_PASSWORD);
    await guest.page.getByRole('button', { name: 'Definir senha e entrar' }).click();
    await guest.page.getByRole('navigation', { name: 'Páginas' }).getByRole('link').first().waitFor();
    t.equal((await login(NEW_PASSWORD)).status, 200);
    t.same(guest.faults, []);
  });

  await t.test('nobody changes the own access here', async (t) => {
    await page.keyboard.press('Escape');
    await page
      .getByRole('button', { name: /^Gerenciar (?!Ana)/ })
      .first()
      .click();
    const self = page.getByRole('dialog');
    await self.getByText('Esta conta é a sua.', { exact: false }).waitFor();
    t.equal(await self.getByRole('button', { name: 'Tirar o acesso' }).count(), 0);
    t.same(
      faults.filter((fault) => !/status of 412/.test(fault)),
      [],
    );
  });
});
