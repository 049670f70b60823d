import type { SampleRange } from '../emulators/listening/ranges.ts';
import type { ChatAnswer, ChatRequest } from '../emulators/openai.ts';
import { defaultAnswer } from '../emulators/openai-chat.ts';
import { conversation, type Script } from './conversation.ts';

const HEADER_BYTES = 44;
const BYTES_PER_MS = 32;

/** The first `ms` of the conversation as a WAV whose header promises more, as of a device that was switched off. */
export function wavUntil(ms: number): Uint8Array {
  return conversation().wav.subarray(0, HEADER_BYTES + ms * BYTES_PER_MS);
}

/** Raw PCM of a part of the conversation: s16le, 16 kHz, mono. */
export function pcmBetween(fromMs: number, toMs: number): Uint8Array {
  return conversation().wav.subarray(HEADER_BYTES + fromMs * BYTES_PER_MS, HEADER_BYTES + toMs * BYTES_PER_MS);
}

/** The script's utterances that end before `ms`. */
export function spokenUntil(ms: number, script: Script = conversation().script): Script['utterances'] {
  return script.utterances.filter(({ endMs }) => endMs <= ms);
}

export function textOf(utterances: Script['utterances']): string {
  return utterances.map(({ text }) => text).join(' ');
}

/** Where they stand in the reference decode, first word to last. */
export function rangesOf(utterances: Script['utterances']): SampleRange[] {
  return utterances.map(({ startMs, endMs }) => ({ startSample: startMs * 16, endSample: endMs * 16 }));
}

interface Candidate {
  candidato_id: number;
  nome: string;
  tag: string;
  medicamento: boolean;
}

/** What a recommendation request shows the model. */
export function shownTo(request: ChatRequest): { transcricao: string; candidatos: Candidate[] } {
  const text = request.messages.at(-1)?.content ?? '';
  return JSON.parse(text.replace(/^<dados>\n/u, '').replace(/\n<\/dados>$/u, ''));
}

/** The model's answer with these items, each sentence of what it was asked about quoted for them. */
export function answerWith(
  itens: { candidato_id: number; explicacao: string; tag: string }[],
  request?: ChatRequest,
): ChatAnswer {
  const said = request ? shownTo(request).transcricao : '';
  return {
    deve_sugerir: itens.length > 0,
    normalizada: 'SINT: coriza | HINT',
    classificacao: { macros_top2: ['respiratorio'], micro_categoria: 'resfriado', ancoras_para_excluir: [] },
    necessidades: [],
    evidencias: (said.match(/[^.?!]+/gu) ?? []).slice(0, 5).map((trecho) => ({ tipo: 'A', trecho: trecho.trim() })),
    itens: itens.map((item) => ({ ...item, confianca: 'alta' })),
  };
}

/**
 * A model scripted for recommendations only. What else it is asked (a breaker's probe, when an answer was late) gets
 * the emulator's own answer.
 */
export function recommending(answer: (request: ChatRequest) => ChatAnswer): (request: ChatRequest) => ChatAnswer {
  return (request) =>
    request.messages.at(-1)?.content?.startsWith('<dados>') ? answer(request) : defaultAnswer(request);
}

/** A model that does as it is told: the first `count` of the candidates it is shown. */
export function obedientModel(count = 2): (request: ChatRequest) => ChatAnswer {
  return recommending((request) =>
    answerWith(
      shownTo(request)
        .candidatos.slice(0, count)
        .map(({ candidato_id, tag }) => ({ candidato_id, tag, explicacao: 'Combina com o que foi dito no balcão.' })),
      request,
    ),
  );
}
