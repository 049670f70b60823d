import type { Log, Stt, SttStream } from '../../core/contracts/index.ts';
import { type ConfiguredProvider, configuredProviders } from '../../core/registry/configured.ts';
import { Registry } from '../../core/registry/registry.ts';
import { Egress } from '../../core/runtime/egress.ts';
import { ProviderInstances } from '../../core/runtime/instances.ts';
import { Latencies } from '../../core/runtime/latencies.ts';
import { loadPrices } from '../../core/runtime/prices.ts';
import { systemClock } from '../../core/runtime/provider-context.ts';
import { ProviderHealth } from '../../core/runtime/provider-health.ts';
import { BlockPool } from '../../core/runtime/ring.ts';
import { Shadows } from '../../core/runtime/shadows.ts';
import { SttRunner } from '../../core/runtime/stt-runner.ts';
import { byList } from '../helpers/routing.ts';
import { scriptedVendor } from '../helpers/scripted-provider.ts';
import { instantStt } from './instant-stt.ts';
import { type Machine, machine, machineLine } from './machine.ts';
import { type Hours, hours } from './runtime-hours.ts';

/** Microseconds. */
interface Percentiles {
  p50: number;
  p99: number;
}

interface UtteranceRow {
  mode: 'batch' | 'stream';
  /** The provider called bare, with the same audio in the same pieces. */
  bareUs: Percentiles;
  /** Through the runtime: begin, every frame, end, answer. */
  runtimeUs: Percentiles;
  /** What the runtime adds, utterance by utterance. */
  overheadUs: Percentiles;
}

export interface RuntimeFigures {
  machine: Machine;
  utterances: UtteranceRow[];
  /** Of one streamed frame of 30 ms: ring, joining, the push. */
  frame: { bareUs: number; runtimeUs: Percentiles; overheadUs: number };
  memory: Hours;
}

const FRAME = 480;
/** 3 s. */
const FRAMES = 100;
/** What a vendor gets at once: 90 ms. */
const CHUNK_FRAMES = 3;
const WARM_UP = 1000;
const UTTERANCES = 5000;
const FACTS = { durationMs: 3000, snrDb: 20, class: 'fala' };
const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** `npm run bench -- runtime`: what the runtime adds to a provider that answers at once, and whether it keeps anything. */
export async function runtime(say: (line: string) => void): Promise<RuntimeFigures> {
  const here = machine();
  say(machineLine(here));
  const utterances = [await batch(), await stream()];
  for (const { mode, bareUs, runtimeUs, overheadUs } of utterances) {
    say(
      `${mode}, 3 s: bare p50 ${bareUs.p50} µs, through the runtime ${runtimeUs.p50} µs; added p50 ${overheadUs.p50} µs, p99 ${overheadUs.p99} µs`,
    );
  }
  const frame = await frames();
  say(
    `streamed frame: p50 ${frame.runtimeUs.p50} µs, p99 ${frame.runtimeUs.p99} µs; mean added ${frame.overheadUs} µs`,
  );
  const memory = await hours(say);
  return { machine: here, utterances, frame, memory };
}

/** A runner over one provider, as a server makes it, and the provider itself. */
async function arrange(streaming: boolean) {
  const registry = new Registry();
  registry.register(scriptedVendor('a'), [instantStt('a', { streaming })]);
  const configured: ConfiguredProvider[] = configuredProviders(registry, 'stt', ['stt/a'], {});
  const parts = { clock: systemClock, log: SILENT };
  const instances = new ProviderInstances({ registry, egress: new Egress(), ...parts });
  const health = new ProviderHealth(parts);
  const pool = new BlockPool();
  const prices = loadPrices(parts);
  const runner = new SttRunner({
    route: byList({ registry, configured }),
    instances,
    health,
    latencies: new Latencies(),
    pool,
    shadows: new Shadows({ instances, health, pool, prices, ...parts }),
    prices,
    options: { language: 'pt-BR', words: true },
    ...parts,
  });
  const provider = configured[0];
  if (!provider) throw new Error('nothing is configured');
  const { instance } = await instances.lease<'stt'>({ address: 'stt/a', credential: 0, provider });
  const close = async () => {
    await runner.close();
    health.close();
    await instances.close();
  };
  return { runner, instance, close };
}

async function batch(): Promise<UtteranceRow> {
  const { runner, instance, close } = await arrange(false);
  const row = await compared('batch', runner, async (pcm) => {
    await instance.transcribe({ pcm, sampleRateHz: 16_000 }, { language: 'pt-BR' }, NEVER);
  });
  await close();
  return row;
}

const NEVER = new AbortController().signal;

async function stream(): Promise<UtteranceRow> {
  const { runner, instance, close } = await arrange(true);
  const live = await open(instance);
  const events = live[Symbol.asyncIterator]();
  let marker = 0;
  const row = await compared('stream', runner, async (pcm) => {
    const chunk = CHUNK_FRAMES * FRAME;
    for (let at = 0; at < pcm.length; at += chunk) live.push(pcm.subarray(at, at + chunk));
    live.finalize(++marker);
    for (let next = await events.next(); !next.done && next.value.type !== 'done'; next = await events.next());
  });
  await live.close();
  await close();
  return row;
}

function open(instance: Stt): Promise<SttStream> {
  const opened = instance.open?.({ language: 'pt-BR' }, NEVER);
  if (!opened) throw new Error('it does not stream');
  return opened;
}

/** The two in turns, utterance by utterance, so that whatever else the machine does meets both. */
async function compared(
  mode: UtteranceRow['mode'],
  runner: SttRunner,
  bare: (pcm: Int16Array) => Promise<void>,
): Promise<UtteranceRow> {
  const whole = new Int16Array(FRAMES * FRAME);
  const frame = new Int16Array(FRAME);
  const times = { bare: [] as number[], runtime: [] as number[], added: [] as number[] };
  for (let segment = 1; segment <= WARM_UP + UTTERANCES; segment++) {
    const begun = performance.now();
    await bare(whole);
    const between = performance.now();
    const { feed } = runner.begin(segment);
    for (let index = 0; index < FRAMES; index++) feed.push(frame);
    const { status } = await feed.end(FACTS);
    const ended = performance.now();
    if (status !== 'answered') throw new Error(`utterance ${segment} was not answered: ${status}`);
    if (segment <= WARM_UP) continue;
    times.bare.push((between - begun) * 1000);
    times.runtime.push((ended - between) * 1000);
    times.added.push((ended - between - (between - begun)) * 1000);
    // The event loop's other work is not the utterance's.
    if (segment % 100 === 0) await new Promise(setImmediate);
  }
  return {
    mode,
    bareUs: percentiles(times.bare),
    runtimeUs: percentiles(times.runtime),
    overheadUs: percentiles(times.added),
  };
}

/** One utterance of an hour, frame by frame, after a first one that opened the stream. */
async function frames(): Promise<RuntimeFigures['frame']> {
  const { runner, instance, close } = await arrange(true);
  const frame = new Int16Array(FRAME);
  const chunk = new Int16Array(CHUNK_FRAMES * FRAME);
  const live = await open(instance);
  const times: number[] = [];
  let bareMs = 0;
  for (let segment = 1; segment <= 200; segment++) {
    const { feed } = runner.begin(segment);
    feed.push(frame);
    await new Promise(setImmediate);
    for (let index = 0; index < 1000; index++) {
      const at = performance.now();
      feed.push(frame);
      const pushed = performance.now();
      if (index % CHUNK_FRAMES === 0) live.push(chunk);
      const ended = performance.now();
      if (segment <= 20) continue;
      times.push((pushed - at) * 1000);
      bareMs += ended - pushed;
    }
    await feed.end(FACTS);
  }
  await live.close();
  await close();
  const bareUs = round((bareMs * 1000) / times.length);
  const mean = times.reduce((sum, each) => sum + each, 0) / times.length;
  return { bareUs, runtimeUs: percentiles(times), overheadUs: round(mean - bareUs) };
}

function percentiles(times: number[]): Percentiles {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return { p50: at(0.5), p99: at(0.99) };
}

function round(us: number): number {
  return Number(us.toFixed(1));
}
