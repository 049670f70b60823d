import t from 'tap';
import { ADMIN_SECRET, startBalto } from '../helpers/balto.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';

t.test('the frame of the panel', { skip: noBrowser }, async (t) => {
  const house = await startBalto(t);
  const browser = await openBrowser(t);
  const cookie = await house.login();

  t.test('who is nobody logs in, and is where he wanted to go', async (t) => {
    const { page, faults } = await openPanel(browser, house, '/saude');
    await page.getByRole('heading', { name: 'Entrar no Balto' }).waitFor();
    t.same(await axeFindings(page), []);
    await page.getByLabel('Senha').fill('a senha errada, bem comprida');
    await page.getByRole('button', { name: 'Entrar' }).click();
    await page.getByRole('alert').getByText('E-mail ou senha incorretos.').waitFor();
    await page.getByLabel('Senha').fill(ADMIN_SECRET);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Saúde', level: 1 }).waitFor();
    t.match(await page.title(), /Saúde · Balto/);
    await page.getByRole('button', { name: 'Sair' }).click();
    await page.getByRole('heading', { name: 'Entrar no Balto' }).waitFor();
    t.same(faults, []);
  });

  t.test('every page opens, by its address and by the menu, in both themes and from 360 px', async (t) => {
    const { page, faults } = await openPanel(browser, house, '/', { cookie });
    const links = page.getByRole('navigation', { name: 'Páginas' }).getByRole('link');
    await links.first().waitFor();
    const names = await links.allTextContents();
    t.equal(names.length, 16);
    for (const name of names) {
      await links.getByText(name, { exact: true }).click();
      await page.getByRole('heading', { name, level: 1 }).waitFor();
      t.match(await page.title(), `${name} · Balto`);
    }
    for (const theme of ['light', 'dark'] as const) {
      await page.getByLabel('Tema').selectOption(theme);
      t.same(await axeFindings(page), [], theme);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole('button', { name: 'Abrir o menu' }).click();
    await links.getByText('Ao vivo', { exact: true }).click();
    await page.getByRole('heading', { name: 'Ao vivo', level: 1 }).waitFor();
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, 'nothing sticks out');
    t.same(faults, []);
  });

  t.test('an address that is none says so', async (t) => {
    const { page } = await openPanel(browser, house, '/nao-existe', { cookie });
    t.ok(await page.getByRole('heading', { name: 'Página não encontrada' }).textContent());
  });

  t.test('nothing from outside, nothing inline: a script that is injected does not run', async (t) => {
    const asked: string[] = [];
    const { page, faults } = await openPanel(browser, house, '/', { cookie });
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    t.same([...new Set(asked)], [house.url]);
    t.same(faults, []);
    const outcome = await page.evaluate(`
      try {
        document.body.innerHTML = '<img src=x onerror="window.pwned = true">';
        'written';
      } catch (error) {
        error.name;
      }
    `);
    t.equal(outcome, 'TypeError', 'Trusted Types refuse markup from a string');
  });
});
