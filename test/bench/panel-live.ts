import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { createApp } from '../../core/app.ts';
import { Observer } from '../../core/counter/observer.ts';
import { listen } from '../../core/listen.ts';
import { Crowd } from './crowd.ts';
import { type Machine, machine, machineLine } from './machine.ts';

export interface PanelLiveFigures {
  machine: Machine;
  counters: number;
  /** Of the page's main thread, over the time at real pace. */
  realPace: {
    seconds: number;
    /** Share of a core, 0 to 1: `TaskDuration` of CDP's Performance domain, and of it script, layout, style. */
    mainThread: number;
    script: number;
    layout: number;
    style: number;
    /** CPU of the page's whole process, and of all of the browser's: the compositor draws without a graphics card. */
    renderer: number;
    browser: number;
    /** Counters on the page, and events a second that were told for them. */
    shown: number;
    eventsPerS: number;
    loadAverageAfter: number;
  };
  /** An hour's events in less time. */
  hour: {
    speed: number;
    simulatedMinutes: number;
    /** Live bytes after a forced collection, by simulated minute. */
    heap: { minute: number; mb: number; nodes: number; listeners: number }[];
    gaps: number;
  };
}

const SECRET = 'uma senha bem comprida para medir';
/** Until every tile is drawn and V8 knows the code. */
const WARM_UP_MS = 15_000;
const LOOKS = 6;
/** The counters pause before the heap is looked at. */
const SETTLE_MS = 3000;

/** `npm run bench -- panel-live`: the live view with many counters at real pace, then an hour of them in a few minutes. */
export async function panelLive(
  order: { counters: number; seconds: number; speed: number; minutes: number },
  say: (line: string) => void,
): Promise<PanelLiveFigures> {
  const here = machine();
  say(machineLine(here));
  const dataDir = await mkdtemp(join(tmpdir(), 'balto-bench-'));
  const observer = new Observer();
  const env = {
    PORT: '0',
    HOST: '127.0.0.1',
    BALTO_LOG_LEVEL: 'silent',
    ADMIN_SECRET: SECRET,
    BALTO_DATA_DIR: dataDir,
  };
  const balto = await createApp({ env, observer });
  const { port } = await listen(balto.app, { port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${port}`;
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args });
  try {
    await balto.store.admin.bootstrapOwner(SECRET);
    const { client } = await balto.store.clients.create({ email: 'medida@balto.invalid', companyName: 'Medida' });
    const { token } = await balto.store.admin.createSession('owner');
    const context = await browser.newContext({ locale: 'pt-BR', viewport: { width: 1440, height: 900 } });
    await context.addCookies([{ name: 'admin_token', value: token, url, httpOnly: true, sameSite: 'Strict' }]);
    const page = await context.newPage();
    await page.goto(`${url}/admin/ao-vivo`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('Nenhum balcão conectado').waitFor();
    const crowd = new Crowd(observer, order.counters, client.clientId);
    crowd.open();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    crowd.talk(1);
    await sleep(WARM_UP_MS);
    const realPace = await atRealPace({ browser, page, cdp, crowd }, order.seconds);
    crowd.stop();
    say(
      `${order.counters} counters at real pace, ${realPace.eventsPerS} events/s, ${order.seconds} s: main thread ${percent(realPace.mainThread)} of a core (script ${percent(realPace.script)}, layout ${percent(realPace.layout)}, style ${percent(realPace.style)}), the page's process ${percent(realPace.renderer)}, the whole browser ${percent(realPace.browser)}; load average ${realPace.loadAverageAfter}`,
    );
    const hour = await anHour({ page, cdp, crowd }, order, say);
    return { machine: here, counters: order.counters, realPace, hour };
  } finally {
    await browser.close();
    await balto.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function atRealPace(
  { browser, page, cdp, crowd }: { browser: Browser; page: Page; cdp: CDPSession; crowd: Crowd },
  seconds: number,
): Promise<PanelLiveFigures['realPace']> {
  const toldBefore = sum(crowd.told);
  const root = await browser.newBrowserCDPSession();
  const cpuBefore = await cpuOf(root);
  const before = await metricsOf(cdp);
  const from = performance.now();
  await sleep(seconds * 1000);
  const after = await metricsOf(cdp);
  const cpuAfter = await cpuOf(root);
  const elapsed = (performance.now() - from) / 1000;
  const share = (name: string) => ((after[name] ?? 0) - (before[name] ?? 0)) / elapsed;
  return {
    seconds,
    mainThread: share('TaskDuration'),
    script: share('ScriptDuration'),
    layout: share('LayoutDuration'),
    style: share('RecalcStyleDuration'),
    renderer: (cpuAfter.renderer - cpuBefore.renderer) / elapsed,
    browser: (cpuAfter.all - cpuBefore.all) / elapsed,
    shown: await page.getByRole('list', { name: 'Balcões' }).getByRole('listitem').count(),
    eventsPerS: Math.round((sum(crowd.told) - toldBefore) / elapsed),
    loadAverageAfter: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

async function anHour(
  { page, cdp, crowd }: { page: Page; cdp: CDPSession; crowd: Crowd },
  { speed, minutes }: { speed: number; minutes: number },
  say: (line: string) => void,
): Promise<PanelLiveFigures['hour']> {
  const heap: PanelLiveFigures['hour']['heap'] = [];
  const look = async (minute: number) => {
    // What is on its way is shown first: it is not what is kept.
    await sleep(SETTLE_MS);
    await cdp.send('HeapProfiler.collectGarbage');
    const found = await metricsOf(cdp);
    const mb = Number(((found['JSHeapUsedSize'] ?? 0) / 2 ** 20).toFixed(2));
    heap.push({ minute, mb, nodes: found['Nodes'] ?? 0, listeners: found['JSEventListeners'] ?? 0 });
    say(`minute ${minute} of the hour: ${mb} MB, ${found['Nodes']} nodes, ${found['JSEventListeners']} listeners`);
  };
  await look(0);
  for (let at = 1; at <= LOOKS; at++) {
    crowd.talk(speed);
    await sleep((minutes * 60_000) / speed / LOOKS);
    crowd.stop();
    await look((minutes * at) / LOOKS);
  }
  const gaps = await page.getByText('Este navegador não acompanhou').count();
  say(`an hour of events at ${speed} times their pace: ${gaps} gaps`);
  return { speed, simulatedMinutes: minutes, heap, gaps };
}

/** CPU seconds so far. */
async function cpuOf(root: CDPSession): Promise<{ renderer: number; all: number }> {
  const { processInfo } = await root.send('SystemInfo.getProcessInfo');
  const of = (type?: string) =>
    processInfo.reduce((sum, each) => (type === undefined || each.type === type ? sum + each.cpuTime : sum), 0);
  return { renderer: of('renderer'), all: of() };
}

async function metricsOf(cdp: CDPSession): Promise<Record<string, number>> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

const sum = (told: Crowd['told']) => Object.values(told).reduce((all, each) => all + each, 0);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
