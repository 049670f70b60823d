/**
 * The vendors, in a process of their own. They do not listen: each answer to a piece of audio is a sentence with a mark of
 * its own, so that what the server and the counters tell later can be found again here, with the time it came in or went out.
 */
import { setTimeout } from 'node:timers/promises';
import { EMULATOR_KEY, startDeepgram, startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { type Heard, type HeardStream, heardOf, type Listening } from '../emulators/listening/index.ts';
import type { ChatRequest } from '../emulators/openai.ts';
import { answer } from './child.ts';
import { marksIn, nextMark } from './marks.ts';

/** When a mark was heard or answered: ms of the machine's monotonic clock. */
export type Marked = Record<string, number>;

export type VendorQuestions = {
  start(order: { sttMs: number; llmMs: number }): Promise<Record<string, string>>;
  /** By mark: audio in (Scribe: the whole request; Deepgram: the order to finish), and the model's answer out. */
  tell(order: null): { heard: Marked; answered: Marked };
};

const heard: Marked = {};
const answered: Marked = {};

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function sentence(): Heard {
  const mark = nextMark();
  heard[mark] = now();
  const words = `estou com dor de cabeça ${mark}`.split(' ');
  return heardOf(words.map((text, i) => ({ text, startMs: i * 100, endMs: i * 100 + 90, confidence: 0.95 })));
}

const listening: Listening = {
  transcribe: sentence,
  openStream: (): HeardStream => ({ push: () => {}, partial: () => '', take: sentence }),
};

/** The first candidate for what was said last, after `llmMs`. */
async function choose(chat: ChatRequest, llmMs: number): Promise<object> {
  const data = chat.messages.at(-1)?.content ?? '';
  const mark = marksIn(data).at(-1) ?? '';
  const candidate = Number(/"candidato_id": (\d+)/.exec(data)?.[1] ?? 0);
  await setTimeout(llmMs);
  answered[mark] = now();
  return {
    deve_sugerir: true,
    normalizada: 'dor de cabeça',
    classificacao: { macros_top2: ['dor'], micro_categoria: 'dor', ancoras_para_excluir: [] },
    necessidades: ['dor de cabeça'],
    evidencias: [{ tipo: 'A', trecho: 'dor de cabeça' }],
    itens: [{ candidato_id: candidate, explicacao: 'Ajuda no alívio.', tag: 'dor_cabeca', confianca: 'alta' }],
  };
}

answer<VendorQuestions>({
  async start({ sttMs, llmMs }) {
    const scribe = await startElevenLabs({ listening, latencyMs: sttMs });
    const deepgram = await startDeepgram({ listening, latencyMs: sttMs });
    const model = await startOpenAi({ respond: (chat) => choose(chat, llmMs) });
    return {
      ELEVENLABS_API_KEY: EMULATOR_KEY,
      ELEVENLABS_BASE_URL: scribe.url,
      DEEPGRAM_API_KEY: EMULATOR_KEY,
      DEEPGRAM_BASE_URL: deepgram.url,
      OPENAI_API_KEY: EMULATOR_KEY,
      OPENAI_BASE_URL: `${model.url}/v1`,
    };
  },
  tell: () => ({ heard, answered }),
});
