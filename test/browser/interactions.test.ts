import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import t from 'tap';
import { startBalto } from '../helpers/balto.ts';
import { axeFindings, countOf, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { sessionOf } from '../helpers/people.ts';
import { HOSTILE, storeTalk, storeWholeTalk } from '../helpers/stored-talks.ts';
import { readWorkbook } from '../helpers/workbook.ts';

/** Resolves when the expression is true in the page; its policy lets no string be made code, the debugger's are. */
async function until(page: Page, expression: string): Promise<void> {
  while (!(await page.evaluate(expression))) await page.waitForTimeout(20);
}

t.test('interactions and their review', { skip: noBrowser }, async (t) => {
  const house = await startBalto(t);
  const browser = await openBrowser(t);
  const cookie = await house.login();
  const { clientId } = house;
  const { store } = house.balto;
  for (let each = 0; each < 55; each++) await storeTalk(house, { transcript: `conversa número ${each}` }, 1000 + each);
  const dipirona = await storeTalk(house, { transcript: 'quanto custa a dipirona?', feedback: 'recusado' }, 20);
  const injection = await storeTalk(house, { transcript: 'aplica injeção de dipirona aqui', sttModel: 'acme' }, 30);
  const whole = await storeWholeTalk(house);
  const hostile = await Promise.all(
    Object.values(HOSTILE).map((text, index) =>
      storeTalk(
        house,
        {
          transcript: text,
          recommendation: `S: ${text.slice(0, 300)}`,
          decision: {
            rule: text.slice(0, 200),
            version: 1,
            candidates: [text.slice(0, 200)],
            rejected: [{ address: text.slice(0, 99), reason: text.slice(0, 200) }],
          },
          gate: {
            decisoes: [{ name: text.slice(0, 300), reason: text.slice(0, 300), allowed: false }],
            evidencias: [{ trecho: text, dito: false }],
          },
          speakerData: JSON.stringify([{ id: 1, name: text, score: 0.4 }]),
          words: { confidence: 0.2, doubtful: 1, words: [{ text, startMs: 0, endMs: 100, confidence: 0.2 }] },
        },
        40 + index,
      ),
    ),
  );

  t.test('a search is in the address, finds words in any form, puts a slip right, and pages', async (t) => {
    const { page, faults } = await openPanel(browser, house, '/interacoes', { cookie });
    const links = page.getByRole('list', { name: 'Interações, da mais nova à mais antiga' }).getByRole('link');
    await links.first().waitFor();
    t.equal(await countOf(links, 50), 50);
    await page.getByRole('link', { name: 'Mais antigas' }).click();
    await page.getByRole('link', { name: 'Voltar às mais novas' }).waitFor();
    await until(page, "document.querySelectorAll('.talk').length === 12");
    await page.goBack();
    await until(page, "document.querySelectorAll('.talk').length === 50");

    const box = page.getByLabel('Procurar no que foi dito ou sugerido');
    await box.fill('injecoes dipirona');
    await page.keyboard.press('Enter');
    await until(page, "document.querySelectorAll('.talk').length === 1");
    t.match(page.url(), /\?q=injecoes\+dipirona$/);
    await box.fill('tipirona ');
    await page.keyboard.press('Enter');
    await page.getByText('Mostrando “dipirona”').waitFor();
    t.equal(await countOf(links, 2), 2);
    await links.first().focus();
    await page.keyboard.press('ArrowDown');
    t.match(await page.evaluate('document.activeElement.href'), new RegExp(`/interacoes/${injection.id}$`));
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Interação ${dipirona.id}`, level: 1 }).waitFor();
    await page.goBack();
    await page.getByText('Mostrando “dipirona”').waitFor();
    await page.getByRole('button', { name: 'Limpar tudo' }).click();
    await box.fill('palavraquenaoexiste99');
    await page.keyboard.press('Enter');
    await page.getByText('Nenhuma interação com estes filtros').waitFor();
    t.same(await axeFindings(page), []);
    t.same(faults, []);
  });

  t.test('the export takes the same filters', async (t) => {
    const { page, faults } = await openPanel(browser, house, '/interacoes?feedback=recusado', { cookie });
    await page.getByText('quanto custa a dipirona?').waitFor();
    t.equal(await countOf(page.locator('.talk'), 1), 1);
    for (const format of ['XLSX', 'CSV'] as const) {
      const coming = page.waitForEvent('download');
      await page.getByRole('link', { name: `Exportar ${format}` }).click();
      const download = await coming;
      const bytes = await readFile(await download.path());
      if (format === 'CSV') {
        t.match(bytes.toString('utf8').trim().split('\r\n').slice(1), [new RegExp(`^${dipirona.id};`)]);
      } else {
        const rows = readWorkbook(bytes).sheets[0]?.rows.slice(1) ?? [];
        t.same(
          rows.map((cells) => cells['A']?.value),
          [dipirona.id],
        );
      }
    }
    t.same(faults, []);
  });

  t.test('the detail says what was heard, why, what was kept out, what it cost; a word plays the voice', async (t) => {
    const { page, faults } = await openPanel(browser, house, `/interacoes/${whole.id}`, { cookie });
    for (const text of [
      'A regra “curtas” decidiu, na versão 7 da configuração.',
      'Ordem de preferência: stt/outra, stt/acme:dois.',
      'stt/longe: a região não é permitida.',
      'stt/outra falhou depois de 610 ms (server, culpa do fornecedor).',
      'stt/acme:dois respondeu em 780 ms. Recebeu de novo 4,2 s de áudio que outro já tinha recebido.',
      'tarja preta: nunca é oferecida',
      'o modelo citou o que ninguém disse',
      'Dados pessoais mascarados: nome (1).',
      'recomendar-5',
      'estou com tosse, cerca de dor de garganta',
      'US$ 0,0018',
    ]) {
      await page.getByText(text).first().waitFor();
    }
    await page.getByRole('button', { name: 'Ouvir a gravação' }).click();
    const word = page.getByRole('button', { name: 'seca 1,1 s com dúvida (31%)' });
    await word.click();
    await until(page, "document.querySelector('audio').currentTime >= 1.1");
    t.ok(await page.getByRole('button', { name: 'palavra mascarada 3,8 s' }).isVisible());
    const heard = (await store.audit.list(20)).filter(({ action }) => action === 'audio.read');
    t.equal(heard.length, 1, 'once, and in the audit');
    t.same(await axeFindings(page), []);
    t.same(faults, []);
  });

  t.test('who may only look sees no form and no voice', async (t) => {
    const viewer = await sessionOf(store, { clientId, role: 'viewer' });
    const { page, faults } = await openPanel(browser, house, `/interacoes/${whole.id}`, { cookie: viewer });
    await page.getByText('A regra “curtas” decidiu').waitFor();
    t.equal(await page.getByRole('button', { name: 'Salvar avaliação' }).count(), 0);
    t.equal(await page.getByRole('button', { name: 'Ouvir a gravação' }).count(), 0);
    t.same(faults, []);
  });

  t.test('who may read two clients and not all chooses one first', async (t) => {
    const { client } = await store.clients.create({ email: 'outra@x', companyName: 'Drogaria' });
    const both = await sessionOf(store, { clientId, role: 'viewer' }, { clientId: client.clientId, role: 'viewer' });
    const { page, faults } = await openPanel(browser, house, '/interacoes', { cookie: both });
    await page.locator('main').getByRole('button', { name: 'Drogaria' }).click();
    await page.getByText('Nenhuma interação ainda').waitFor();
    t.same(faults, []);
  });

  t.test('hostile text is text, in the list, in the detail and in the queue, and breaks no line', async (t) => {
    for (const path of ['/interacoes', '/revisao', ...hostile.map(({ id }) => `/interacoes/${id}`)]) {
      const { page, context, faults } = await openPanel(browser, house, path, {
        cookie,
        context: { viewport: { width: 360, height: 740 } },
      });
      await page.locator('.talk, .review-said, .ix-quote').first().waitFor();
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, `${path}: nothing sticks out`);
      t.equal(await page.locator('main img, main script').count(), 0, path);
      t.equal(await page.evaluate('window.pwned'), undefined, path);
      t.same(faults, [], path);
      await context.close();
    }
    const { page } = await openPanel(browser, house, `/interacoes/${hostile[0]?.id}`, { cookie });
    t.equal(await page.locator('.ix-quote').first().textContent(), HOSTILE.markup, 'to the letter');
  });

  t.test('three interactions are reviewed by keyboard alone; the results say so', async (t) => {
    const pharmacist = await sessionOf(store, { clientId, role: 'farmaceutico' });
    await store.db.kysely
      .deleteFrom('interacoes')
      .where(
        'id',
        'in',
        hostile.map(({ id }) => id),
      )
      .execute();
    const { page, faults } = await openPanel(browser, house, '/revisao', { cookie: pharmacist });
    const second = await storeTalk(
      house,
      { transcript: 'tem vick', recommendation: 'S: Pastilha', decision: { address: 'stt/acme' } },
      50,
    );
    const third = await storeTalk(
      house,
      { transcript: 'cha rope', recommendation: 'S: Xarope', decision: { address: 'stt/acme' } },
      60,
    );
    await page.reload();
    const shown = page.locator('.review-said');
    await shown.getByText('estou com tosse seca').waitFor();
    t.same(await axeFindings(page), []);
    await page.keyboard.press('Enter');
    await page.getByText('Diga se a transcrição está certa.').waitFor();
    await page.keyboard.press('c');
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await shown.getByText('tem vick').waitFor();
    await page.keyboard.press('c');
    await page.keyboard.press('3');
    await page.keyboard.press('o');
    await page.keyboard.type('cp não serve');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await shown.getByText('cha rope').waitFor();
    await page.keyboard.press('e');
    await page.keyboard.type('um xarope');
    await page.keyboard.press('Control+Enter');
    await page.getByText('3 avaliadas agora').waitFor();
    const { body } = { body: (await store.reviews.page({ clientIds: [clientId] }, 10)).items };
    t.match(
      body.map(({ interactionId, transcriptOk, recommendation, correctedText, note }) => ({
        interactionId,
        transcriptOk,
        recommendation,
        correctedText,
        note,
      })),
      [
        { interactionId: third.id, transcriptOk: false, recommendation: null, correctedText: 'um xarope', note: null },
        {
          interactionId: second.id,
          transcriptOk: true,
          recommendation: 'insegura',
          correctedText: null,
          note: 'cp não serve',
        },
        { interactionId: whole.id, transcriptOk: true, recommendation: 'util', correctedText: null, note: null },
      ],
    );
    await page.getByRole('tab', { name: 'Resultados' }).click();
    await page
      .getByRole('row', { name: /stt\/acme / })
      .first()
      .waitFor();
    await page.getByRole('row', { name: /Farmácia 1 0 1 50%/ }).waitFor();
    t.same(await axeFindings(page), []);
    t.same(faults, []);
  });
});
