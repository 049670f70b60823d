import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import type { Test } from 'tap';
import type { RunningBalto } from './balto.ts';

/** Where Debian puts it; another may be named. */
const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Why there can be no browser tests here, or false. For `t.test`'s `skip`. */
export const noBrowser: string | false = await access(CHROMIUM, constants.X_OK).then(
  () => false,
  () => `sem navegador em ${CHROMIUM}: os testes do painel não rodaram (CHROMIUM_PATH diz outro)`,
);

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A headless Chromium, closed when the test ends. `args`: a fake microphone, say. */
export async function openBrowser(t: Test, args: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...FLAGS, ...args],
    env: { ...process.env, LANGUAGE: 'pt_BR' },
  });
  t.teardown(() => browser.close());
  return browser;
}

/** A page of the panel, with everything that went wrong in it. */
export interface PanelPage {
  page: Page;
  context: BrowserContext;
  /** Uncaught errors, console errors and refusals of the content security policy. A good page has none. */
  faults: string[];
}

/** What a browser writes by itself when the server refuses: the page has said it already. */
const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/;

/** Opens `path` under `/admin`, signed in with this cookie (the value of a `Cookie` header) if one is given. */
export async function openPanel(
  browser: Browser,
  house: Pick<RunningBalto, 'url'>,
  path: string,
  options: { cookie?: string; context?: BrowserContextOptions } = {},
): Promise<PanelPage> {
  const context = await browser.newContext({
    locale: 'pt-BR',
    viewport: { width: 1280, height: 800 },
    ...options.context,
  });
  if (options.cookie !== undefined) {
    const [name = '', value = ''] = options.cookie.split('=');
    await context.addCookies([{ name, value, url: house.url, httpOnly: true, sameSite: 'Strict' }]);
  }
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !REFUSED.test(message.text())) faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(`${house.url}/admin${path}`);
  return { page, context, faults };
}

/** How many there are, once there are `wanted`, or after ten seconds: what a page lists comes after its frame. */
export async function countOf(locator: Locator, wanted: number): Promise<number> {
  for (let turns = 0; turns < 100 && (await locator.count()) !== wanted; turns++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return locator.count();
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds against WCAG 2.2 AA, each with the elements. Empty: nothing. */
export async function axeFindings(page: Page): Promise<string[]> {
  const cdp = await page.context().newCDPSession(page);
  // The page's own policy would refuse a script of ours: evaluated by the debugger, it is not the page's.
  const { readFile } = await import('node:fs/promises');
  await cdp.send('Runtime.evaluate', { expression: await readFile(AXE, 'utf8') });
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    interface Violation {
      id: string;
      nodes: { target: unknown[]; failureSummary?: string }[];
    }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await axe.run({ runOnly: { type: 'tag', values: tags } });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  });
  await cdp.detach();
  return found;
}
