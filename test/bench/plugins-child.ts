/** Calls of our plugins and of what they stand on, in one process that does nothing else. For `bench -- plugins`. */
import { setTimeout } from 'node:timers/promises';
import type { Kind, ProviderManifest, Settings, VendorManifest } from '../../core/contracts/index.ts';
import { allowedOrigins, createProviderContext } from '../../core/runtime/provider-context.ts';
import { vendor as deepgram } from '../../plugins/deepgram/config.ts';
import { deepgramStt } from '../../plugins/deepgram/stt.ts';
import { vendor as elevenLabs } from '../../plugins/elevenlabs/config.ts';
import { elevenLabsStt } from '../../plugins/elevenlabs/stt.ts';
import { vendor as openAi } from '../../plugins/openai/config.ts';
import { openAiLlm } from '../../plugins/openai/llm.ts';
import { bareChat, bareLive, bareScribe, type Call, CHUNK, type LiveSession, QUESTION, SECOND } from './bare.ts';
import { answer } from './child.ts';
import { SILENT } from './recording.ts';

export type Way = 'chat' | 'live' | 'batch';

/** Each call's time, in ms, the warm-up left out. */
export interface Timed {
  bareMs: number[];
  pluginMs: number[];
}

export interface Streamed {
  cpuMs: number;
  wallMs: number;
}

export type PluginQuestions = {
  /** Bare and by plugin in turns, `count` of each, at the vendors these variables name. */
  time(order: { way: Way; count: number; env: Record<string, string> }): Promise<Timed>;
  /** So many live sessions at real time, bare or by plugin: what this process takes meanwhile. */
  stream(order: { by: 'bare' | 'plugin'; n: number; seconds: number; env: Record<string, string> }): Promise<Streamed>;
};

const WARM_UP = 100;
const LIVE = { language: 'pt-BR', sampleRateHz: 16_000 };
const life = new AbortController();
const { signal } = life;

async function opened<K extends Kind>(vendor: VendorManifest, provider: ProviderManifest<K>, key: string, url: string) {
  const settings: Settings = { baseUrl: url };
  const ctx = createProviderContext({ log: SILENT, origins: allowedOrigins(vendor, settings), signal });
  return provider.create({ apiKey: key }, settings, ctx);
}

const pairs: Record<Way, (env: Record<string, string>) => Promise<{ bare: Call; plugin: Call }>> = {
  async chat({ OPENAI_API_KEY: key = '', OPENAI_BASE_URL: url = '' }) {
    const llm = await opened(openAi, openAiLlm, key, url);
    const request = { messages: [{ role: 'user' as const, content: QUESTION }] };
    const bare = await bareChat(url, key, openAiLlm.models[0] ?? '');
    return { bare, plugin: async () => void (await llm.complete(request, signal)) };
  },
  async batch({ ELEVENLABS_API_KEY: key = '', ELEVENLABS_BASE_URL: url = '' }) {
    const stt = await opened(elevenLabs, elevenLabsStt, key, url);
    const audio = { pcm: SECOND, sampleRateHz: 16_000 };
    const plugin = async () => void (await stt.transcribe(audio, { language: 'pt-BR' }, signal));
    return { bare: bareScribe(url, key), plugin };
  },
  async live(env) {
    const [bare, plugin] = [await session('bare', env), await session('plugin', env)];
    return { bare: () => utterance(bare), plugin: () => utterance(plugin) };
  },
};

/** One second at once, and its answer. */
async function utterance(live: LiveSession): Promise<void> {
  for (let at = 0; at < SECOND.length; at += CHUNK) live.push(SECOND.subarray(at, at + CHUNK));
  await live.finalize();
}

async function session(by: 'bare' | 'plugin', env: Record<string, string>): Promise<LiveSession> {
  const { DEEPGRAM_API_KEY: key = '', DEEPGRAM_BASE_URL: url = '' } = env;
  if (by === 'bare') return bareLive(url, key);
  const stream = await (await opened(deepgram, deepgramStt, key, url)).open?.(LIVE, signal);
  if (!stream) throw new Error('it does not stream');
  let marker = 0;
  const waiting = new Map<number, () => void>();
  void (async () => {
    for await (const event of stream) if (event.type === 'done') waiting.get(event.marker)?.();
  })();
  return {
    push: (pcm) => stream.push(pcm),
    finalize() {
      const own = ++marker;
      const answered = new Promise<void>((resolve) => waiting.set(own, resolve));
      stream.finalize(own);
      return answered.finally(() => waiting.delete(own));
    },
    close: () => stream.close(),
  };
}

async function timed(call: Call): Promise<number> {
  const startedAt = performance.now();
  await call();
  return performance.now() - startedAt;
}

answer<PluginQuestions>({
  async time({ way, count, env }) {
    const { bare, plugin } = await pairs[way](env);
    const times: Timed = { bareMs: [], pluginMs: [] };
    for (let i = 0; i < WARM_UP + count; i++) {
      // Whichever goes first pays for what the other left to be collected: they take turns.
      const [first, second] = i % 2 === 0 ? [bare, plugin] : [plugin, bare];
      const [a, b] = [await timed(first), await timed(second)];
      if (i < WARM_UP) continue;
      times.bareMs.push(i % 2 === 0 ? a : b);
      times.pluginMs.push(i % 2 === 0 ? b : a);
    }
    return times;
  },
  async stream({ by, n, seconds, env }) {
    const sessions = await Promise.all(Array.from({ length: n }, () => session(by, env)));
    await Promise.all(sessions.map(utterance));
    const before = process.cpuUsage();
    const startedAt = performance.now();
    for (let tick = 1; tick <= seconds * 10; tick++) {
      for (const each of sessions) each.push(SECOND.subarray(0, CHUNK));
      await setTimeout(Math.max(0, startedAt + tick * 100 - performance.now()));
    }
    // Where the seconds end with one of the vendor's own segments, nothing would be left to finish, and nobody would answer.
    for (const each of sessions) each.push(SECOND.subarray(0, CHUNK));
    await Promise.all(sessions.map((each) => each.finalize()));
    const { user, system } = process.cpuUsage(before);
    const wallMs = performance.now() - startedAt;
    await Promise.all(sessions.map((each) => each.close()));
    return { cpuMs: (user + system) / 1000, wallMs };
  },
});
