import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Child } from './child.ts';
import { type Machine, machine, machineLine } from './machine.ts';
import type { PluginQuestions, Streamed, Timed, Way } from './plugins-child.ts';
import type { Started, StartQuestions } from './start-child.ts';
import type { VendorQuestions } from './vendors-child.ts';

/** Two starts, medians of the same number of runs each. */
export interface StartFigures {
  houseCpuMs: number;
  lessCpuMs: number;
  /** What the house takes over the other. Goal: at most 1.1. */
  ratio: number;
  houseRssMb: number;
  lessRssMb: number;
}

export interface CallFigures {
  bareP50Ms: number;
  pluginP50Ms: number;
  /** Goal: under 1. */
  overheadMs: number;
}

export interface PluginFigures {
  machine: Machine;
  /** No vendor configured: the folder as it is, against the same one without vendors, both with VAD and cleaner. */
  vendors: StartFigures;
  /** The folder as it is, against an empty one; neither has a VAD, a cleaner or a speaker, and the empty one no documentation. */
  empty: StartFigures;
  calls: Record<Way, CallFigures>;
  stream: { n: number; bareCpuPercent: number; pluginCpuPercent: number; addedPercentPerTen: number };
}

export interface PluginOrder {
  runs: number;
  calls: number;
  streams: number;
  seconds: number;
}

const PLUGINS = new URL('../../plugins/', import.meta.url);
/** Folders of `plugins/` that the default start needs, and that are no vendor. */
const LOCAL = ['acoustic-voice', 'openapi', 'silero', 'spectral-gate', 'webrtc'];
const NOTHING = { BALTO_STT: ',', BALTO_LLM: ',' };
const NO_EAR = { ...NOTHING, BALTO_VAD: ',', BALTO_CLEANER: ',', BALTO_SPEAKER: ',' };
const TITLES: Record<Way, string> = {
  chat: 'chat, by the SDK',
  batch: 'a file, by fetch',
  live: 'live, by socket',
};

/** What the plugins cost: at the start, per call and per stream. */
export async function plugins(order: PluginOrder, say: (line: string) => void): Promise<PluginFigures> {
  const where = machine();
  say(machineLine(where));
  const folders = await mkdtemp(join(tmpdir(), 'balto-bench-'));
  try {
    const vendors = await compared(await folderWith(folders, LOCAL), NOTHING, order.runs);
    say(`start, no vendor configured:  ${line(vendors)} without vendors`);
    const empty = await compared(await folderWith(folders, []), NO_EAR, order.runs);
    say(`start, no VAD and no cleaner: ${line(empty)} of an empty folder`);
    return { machine: where, vendors, empty, ...(await work(order, say)) };
  } finally {
    await rm(folders, { recursive: true, force: true });
  }
}

/** A folder of plugins with only these of ours. */
async function folderWith(parent: string, names: readonly string[]): Promise<string> {
  const folder = join(parent, `plugins-${names.length}`);
  await mkdir(folder);
  for (const name of names) {
    await mkdir(join(folder, name));
    const entry = new URL(`${name}/index.ts`, PLUGINS).href;
    await writeFile(join(folder, name, 'index.js'), `export { default } from ${JSON.stringify(entry)};\n`);
  }
  return `${pathToFileURL(folder).href}/`;
}

/** In turns, so that what the machine does meanwhile falls on both. */
async function compared(less: string, env: Record<string, string>, runs: number): Promise<StartFigures> {
  const house: Started[] = [];
  const other: Started[] = [];
  for (let run = 0; run <= runs; run++) {
    const pair = [
      await started(PLUGINS.href, `${less.slice(0, -1)}-data-house`, env),
      await started(less, `${less.slice(0, -1)}-data`, env),
    ] as const;
    if (run === 0) continue; // it made the databases
    house.push(pair[0]);
    other.push(pair[1]);
  }
  const cpu = (all: Started[]) => p50(all.map(({ cpuMs }) => cpuMs));
  const rss = (all: Started[]) => p50(all.map(({ rssMb }) => rssMb));
  return {
    houseCpuMs: cpu(house),
    lessCpuMs: cpu(other),
    ratio: round(cpu(house) / cpu(other), 3),
    houseRssMb: rss(house),
    lessRssMb: rss(other),
  };
}

async function started(plugins: string, data: string, env: Record<string, string>): Promise<Started> {
  const child = new Child<StartQuestions>('start-child.ts');
  try {
    return await child.ask('start', { plugins, data: fileURLToPath(data), env });
  } finally {
    await child.close();
  }
}

async function work(order: PluginOrder, say: (line: string) => void): Promise<Pick<PluginFigures, 'calls' | 'stream'>> {
  const vendors = new Child<VendorQuestions>('vendors-child.ts');
  const caller = new Child<PluginQuestions>('plugins-child.ts');
  try {
    const env = await vendors.ask('start', { sttMs: 0, llmMs: 0 });
    const calls = {} as Record<Way, CallFigures>;
    for (const way of Object.keys(TITLES) as Way[]) {
      calls[way] = callFigures(await caller.ask('time', { way, count: order.calls, env }));
      const { bareP50Ms, pluginP50Ms, overheadMs } = calls[way];
      say(`${TITLES[way]}: p50 ${pluginP50Ms} ms, bare ${bareP50Ms} ms: ${overheadMs} ms more (goal: under 1)`);
    }
    const { streams: n, seconds } = order;
    const bare = percent(await caller.ask('stream', { by: 'bare', n, seconds, env }));
    const plugin = percent(await caller.ask('stream', { by: 'plugin', n, seconds, env }));
    const addedPercentPerTen = round(((plugin - bare) / n) * 10, 3);
    say(`${n} streams: ${plugin} % of a core, bare ${bare} %: ${addedPercentPerTen} % more per 10 (goal: under 1)`);
    return { calls, stream: { n, bareCpuPercent: bare, pluginCpuPercent: plugin, addedPercentPerTen } };
  } finally {
    await Promise.all([caller.close(), vendors.close()]);
  }
}

function callFigures({ bareMs, pluginMs }: Timed): CallFigures {
  const [bare, plugin] = [p50(bareMs), p50(pluginMs)];
  return { bareP50Ms: bare, pluginP50Ms: plugin, overheadMs: round(plugin - bare, 3) };
}

function percent({ cpuMs, wallMs }: Streamed): number {
  return round((cpuMs / wallMs) * 100, 2);
}

function p50(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[sorted.length >> 1] ?? Number.NaN, 3);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function line({ houseCpuMs, lessCpuMs, ratio, houseRssMb, lessRssMb }: StartFigures): string {
  const memory = `${Math.round(houseRssMb)} MB and ${Math.round(lessRssMb)} MB`;
  return `${Math.round(houseCpuMs)} ms of CPU, ${ratio} × the ${Math.round(lessCpuMs)} ms (${memory})`;
}
