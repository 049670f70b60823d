import t from 'tap';
import { EMULATOR_KEY, startDeepgram } from '../emulators/index.ts';
import { ClosedSet } from '../emulators/listening/closed-set.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { conversation } from '../helpers/conversation.ts';
import { temporaryFolder } from '../helpers/databases.ts';
import { fakeMicrophone } from '../helpers/fake-microphone.ts';
import { startServer } from '../helpers/server-process.ts';

t.test(
  'from `npm start` on nothing to a card from the microphone, reading only the screen',
  { skip: noBrowser },
  async (t) => {
    const startedAt = performance.now();
    const { pcm, script } = conversation();
    const vendor = await startDeepgram({ listening: new ClosedSet(pcm, script) });
    t.teardown(() => vendor.close());
    const folder = await temporaryFolder(t);
    // A vendor's own address and nothing else: no key, no password, no database.
    const server = await startServer({ PORT: '0', DEEPGRAM_BASE_URL: vendor.url }, folder);
    t.teardown(() => server.kill());
    const link = () => server.output.join('\n').match(/COMECE AQUI +http:\/\/127\.0\.0\.1:\d+\/admin(\/\S+)/)?.[1];
    await server.until(() => link() !== undefined);
    const browser = await openBrowser(t, await fakeMicrophone(t));
    const { page, faults } = await openPanel(browser, server, link() ?? '');

    await page.getByLabel('Senha', { exact: false }).first().fill('uma senha bem comprida');
    await page.getByLabel(/de novo|repita|outra vez/i).fill('uma senha bem comprida');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Início', level: 1 }).waitFor();
    t.notMatch(page.url(), /bi_/, 'the invitation is out of the address bar');

    await page.getByLabel('Nome da farmácia').fill('Farmácia Azul');
    await page.getByLabel('E-mail da farmácia').fill('dona@azul.com.br');
    t.same(await axeFindings(page), []);
    await page.getByRole('button', { name: 'Cadastrar' }).click();

    await page.getByLabel('Fornecedor').selectOption({ label: 'Deepgram: transcreve' });
    const key = page.locator('input[type=password]');
    await key.fill('uma-chave-errada-qualquer');
    await page.getByRole('button', { name: 'Testar chave' }).click();
    await page.getByText('não aceita esta chave').waitFor();
    await key.fill(EMULATOR_KEY);
    await page.getByRole('button', { name: 'Testar chave' }).click();
    await page.getByText('aceitou a chave').waitFor();
    t.same(await axeFindings(page), []);
    await page.getByRole('button', { name: 'Guardar e continuar' }).click();

    await page.getByRole('button', { name: 'Ainda não tenho aparelho: usar este navegador' }).waitFor();
    await page.reload();
    await page.getByText('Transcreve: Deepgram').waitFor();
    await page.getByRole('button', { name: 'Mostrar um código' }).click();
    t.match(await page.locator('.pair-code').textContent(), /^\d{3} \d{3}$/);
    await page.getByRole('button', { name: 'Ainda não tenho aparelho: usar este navegador' }).click();

    await page.getByRole('button', { name: 'Falar' }).click();
    await page.locator('.talk-state').getByText('Ouvindo').waitFor();
    const suggestion = page.locator('.suggestion h3').first();
    await suggestion.waitFor({ timeout: 90_000 });
    t.comment(`from the start to a card: ${Math.round((performance.now() - startedAt) / 1000)} s`);
    t.ok(((await suggestion.textContent()) ?? '').length > 2, 'a card');
    const heard = (await page.locator('.heard-text').allTextContents()).join(' ');
    const said = new Set(script.utterances.map(({ text }) => text));
    t.ok(
      [...said].some((line) => heard.includes(line)),
      `what was said is on the screen: ${heard}`,
    );
    await page.getByText('Pronto: o Balto ouviu e sugeriu.').or(page.getByText('Está tudo pronto')).first().waitFor();
    await page.getByRole('button', { name: 'Parar' }).click();
    t.same(await axeFindings(page), []);
    await page.getByRole('link', { name: 'Início' }).first().click();
    await page.reload();
    await page.getByRole('heading', { name: 'Hoje' }).waitFor();
    t.same(faults, []);
    const output = server.output.join('\n');
    t.notOk(output.includes(EMULATOR_KEY), 'the vendor key is in no log');
    t.notOk(output.includes('bk_'), 'nor the key of the counter');
    t.notOk(output.includes('uma senha bem'), 'nor the password');
  },
);
