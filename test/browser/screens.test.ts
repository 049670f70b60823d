import { mkdir } from 'node:fs/promises';
import t from 'tap';
import { startDeepgram, startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { startBalto } from '../helpers/balto.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { furnish, openShop } from '../helpers/furnished.ts';
import { obedientModel } from '../helpers/talk.ts';

/** Where `npm run docs:telas` puts the pictures; without it every page is looked at and none is kept. */
const folder = process.env['BALTO_SCREENS'];

t.test(
  'every page of a shop in use: nothing for axe, nothing that sticks out, in both themes',
  { skip: noBrowser },
  async (t) => {
    const listening = new Coverage(await wavReference());
    const vendors = {
      elevenlabs: await startElevenLabs({ listening }),
      deepgram: await startDeepgram({ listening }),
      llm: await startOpenAi({ respond: obedientModel() }),
    };
    const house = await startBalto(t, { vendors });
    const { cookie, spoken } = await furnish(house);
    await openShop(house, cookie);
    const browser = await openBrowser(t);
    const { page, faults } = await openPanel(browser, house, '/', { cookie });
    const links = page.getByRole('navigation', { name: 'Páginas' }).getByRole('link');
    await links.first().waitFor();
    const found = await Promise.all((await links.all()).map((link) => link.getAttribute('href')));
    await page.getByLabel('Cliente').selectOption(house.clientId);
    if (folder) await mkdir(folder, { recursive: true });
    for (const address of [...found, `/admin/interacoes/${spoken.id}`]) {
      for (const [scheme, width] of [
        ['light', 1280],
        ['dark', 1280],
        ['light', 360],
      ] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: width === 360 ? 740 : 860 });
        await page.goto(`${house.url}${address}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle', { timeout: 4000 }).catch(() => undefined); // a live page is never idle
        const name = `${(address ?? '').replace(/^\/admin\/?/, '').replace(/\/\d+$/, '-detalhe') || 'inicio'}`;
        t.same(await axeFindings(page), [], `${name}, ${scheme}, ${width} px`);
        t.equal(await page.evaluate('document.documentElement.scrollWidth'), width, `${name} fits ${width} px`);
        if (folder && scheme === 'light') {
          await page.screenshot({
            path: `${folder}/${name}${width === 360 ? '-celular' : ''}.png`,
            fullPage: width !== 360,
          });
        }
        if (folder && scheme === 'dark' && process.env['BALTO_SCREENS_DARK'])
          await page.screenshot({ path: `${folder}/${name}-escuro.png`, fullPage: true });
      }
    }
    t.same(faults, []);
  },
);
