import t from 'tap';
import { startBalto } from '../helpers/balto.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { fakeMicrophone } from '../helpers/fake-microphone.ts';

t.test(
  'an employee: consent first, then the voice from the microphone, shifts, and the end',
  { skip: noBrowser },
  async (t) => {
    const house = await startBalto(t);
    const { store } = house.balto;
    const browser = await openBrowser(t, await fakeMicrophone(t));
    const { page, faults } = await openPanel(browser, house, '/funcionarios', { cookie: await house.login() });
    const only = async () => (await store.employees.page(house.clientId, undefined, 2)).items[0];

    await page.getByText('Ninguém cadastrado ainda').waitFor();
    await page.getByLabel('Nome', { exact: false }).first().fill('Ana Maria');
    await page.getByRole('button', { name: 'Cadastrar', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Ana Maria' });
    await dialog.getByText('Primeiro registre o consentimento.').waitFor();
    t.equal(await dialog.getByRole('button', { name: 'Gravar', exact: true }).count(), 0, 'no consent, no recording');
    t.same(await axeFindings(page), []);
    await dialog.getByLabel('Versão do termo').fill('termo 1');
    await dialog.getByLabel('A pessoa leu o termo e aceitou').check();
    await dialog.getByRole('button', { name: 'Registrar o consentimento' }).click();
    await dialog.getByRole('button', { name: 'Gravar', exact: true }).click();
    // So many seconds of speech: the conversation has pauses.
    await dialog.getByText(/^(9|1\d) segundos de fala$/).waitFor({ timeout: 60_000 });
    await dialog.getByRole('button', { name: 'Parar e ouvir' }).click();
    await dialog.getByText('Qualidade da gravação').waitFor();
    t.ok(await dialog.locator('audio').isVisible());
    t.same(await axeFindings(page), []);
    await dialog.getByRole('button', { name: 'Cadastrar esta voz' }).click();
    await dialog.getByText(/Voz cadastrada em \d\d\/\d\d\/\d{4}/).waitFor({ timeout: 30_000 });
    t.match(await only(), { name: 'Ana Maria', consent: 'confirmado', voice: { state: 'cadastrada' } });

    await dialog.getByRole('tab', { name: 'Turnos' }).click();
    await dialog.getByLabel('Segunda', { exact: true }).check();
    await dialog.getByLabel('Segunda: das').fill('09:00');
    await dialog.getByRole('button', { name: 'Salvar turnos' }).click();
    await page.getByText('Turnos salvos.').waitFor();
    t.same(await store.employees.shifts(house.clientId, (await only())?.id ?? 0), [
      { weekday: 0, startMinute: 540, endMinute: 1080 },
    ]);
    t.same(await axeFindings(page), []);

    await dialog.getByRole('tab', { name: 'Saída' }).click();
    await dialog.getByRole('button', { name: 'Encerrar e apagar' }).click();
    const confirm = page.getByRole('dialog', { name: 'Encerrar Ana Maria' });
    await confirm.getByLabel(/Para confirmar/).fill('Ana Maria');
    await confirm.getByRole('button', { name: 'Encerrar e apagar' }).click();
    await page.getByText('Ninguém cadastrado ainda').waitFor();
    t.equal(await only(), undefined);
    t.same(faults, []);
  },
);
