import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { createApp } from '../../core/app.ts';
import { listen } from '../../core/listen.ts';
import { type Machine, machine, machineLine } from './machine.ts';

interface Loaded {
  /** Bytes over the wire for the page: HTML, scripts, styles, icon; compressed as the server sends them. */
  wireKb: number;
  /** From the start of the navigation to the page's heading with its data, and the end of the last task over 50 ms. */
  interactiveMs: number;
}

export interface PanelLoadFigures {
  machine: Machine;
  throttle: number;
  login: Loaded[];
  start: Loaded[];
  /** All of the panel, every page: what one who visits all of them loads, gzip. */
  wholeGzipKb: number;
}

const THROTTLE = 4;
const SECRET = 'uma senha bem comprida para medir';
const BUILT = new URL('../../plugins/panel/built/assets/', import.meta.url);

/** `npm run bench -- panel-load`: first load of the panel with an empty cache and a processor four times slower. */
export async function panelLoad(runs: number, say: (line: string) => void): Promise<PanelLoadFigures> {
  const here = machine();
  say(machineLine(here));
  const dataDir = await mkdtemp(join(tmpdir(), 'balto-bench-'));
  const env = {
    PORT: '0',
    HOST: '127.0.0.1',
    BALTO_LOG_LEVEL: 'silent',
    ADMIN_SECRET: SECRET,
    BALTO_DATA_DIR: dataDir,
  };
  const balto = await createApp({ env });
  const { port } = await listen(balto.app, { port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${port}`;
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    await balto.store.admin.bootstrapOwner(SECRET);
    await balto.store.clients.create({ email: 'medida@balto.invalid', companyName: 'Medida' });
    const answer = await fetch(`${url}/admin/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: SECRET }),
    });
    const cookie = (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    const login: Loaded[] = [];
    const start: Loaded[] = [];
    for (let run = 0; run < runs; run++) {
      login.push(await load(browser, url, null));
      start.push(await load(browser, url, cookie));
    }
    const figures = { machine: here, throttle: THROTTLE, login, start, wholeGzipKb: await wholeGzipKb() };
    for (const name of ['login', 'start'] as const) {
      const sorted = figures[name].map(({ interactiveMs }) => interactiveMs).toSorted((a, b) => a - b);
      say(
        `${name}: ${figures[name][0]?.wireKb} kB, interactive after ${sorted[runs >> 1]} ms (${sorted[0]} to ${sorted.at(-1)}), processor / ${THROTTLE}`,
      );
    }
    say(`all pages together: ${figures.wholeGzipKb} kB`);
    return figures;
  } finally {
    await browser.close();
    await balto.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function load(browser: Browser, url: string, cookie: string | null): Promise<Loaded> {
  const context = await browser.newContext({ locale: 'pt-BR' });
  try {
    const [name = '', value = ''] = (cookie ?? '').split('=');
    if (cookie !== null) await context.addCookies([{ name, value, url, httpOnly: true, sameSite: 'Strict' }]);
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE });
    await cdp.send('Network.enable');
    let bytes = 0;
    cdp.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await page.addInitScript(`
      window.longUntil = 0;
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) window.longUntil = startTime + duration;
      }).observe({ type: 'longtask', buffered: true });
    `);
    await page.goto(`${url}/admin`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const shownMs = Number(await page.evaluate('performance.now()'));
    // What follows the heading counts too, if it keeps the page busy.
    await page.waitForTimeout(500);
    const longUntilMs = Number(await page.evaluate('window.longUntil'));
    return { wireKb: Math.round(bytes / 100) / 10, interactiveMs: Math.round(Math.max(shownMs, longUntilMs)) };
  } finally {
    await context.close();
  }
}

async function wholeGzipKb(): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(BUILT)) {
    if (/\.(js|css|svg)$/.test(name)) bytes += gzipSync(await readFile(new URL(name, BUILT)), { level: 9 }).length;
  }
  return Math.round(bytes / 100) / 10;
}
