import { BaltoError, type LlmRequest } from '../contracts/index.ts';
import type { CatalogueCandidate } from './catalogue.ts';
import { ANSWER_SCHEMA } from './schema.ts';
import { clip, oneLine } from './text.ts';

/** A versioned prompt file. */
export interface Prompt {
  /** `recomendacao-v1`: stored with each interaction. */
  version: string;
  text: string;
}

const MAX_TEXT = 8000;
const MAX_HISTORY = 4000;
const MAX_CANDIDATES = 30;
const MAX_TOKENS = 900;

/** A file of `config/prompts/`: front matter with `versao`, then the text. Throws BaltoError when there is none. */
export function parsePrompt(file: string, source: string): Prompt {
  const match = /^---\n([\s\S]*?)\n---\n([\s\S]+)$/u.exec(file.replaceAll('\r\n', '\n'));
  const version = /^versao:\s*(\S+)\s*$/mu.exec(match?.[1] ?? '')?.[1];
  const text = match?.[2]?.trim();
  if (!version || !text) {
    throw new BaltoError({
      code: 'BALTO_PHARMACY_DATA',
      message: `${source}: falta o cabeçalho com versao`,
      field: 'versao',
    });
  }
  return { version, text };
}

/**
 * The request for one context. What was spoken and the catalogue go as JSON between `<dados>` marks, in a message of their
 * own: `<` is escaped, so nothing spoken can close the marks. A prescription item is not shown to the model at all.
 */
export function buildRequest(
  prompt: Prompt,
  input: { text: string; history: readonly string[]; candidates: readonly CatalogueCandidate[] },
): LlmRequest {
  const data = {
    conversa_anterior: recent(input.history),
    transcricao: input.text.slice(-MAX_TEXT),
    candidatos: input.candidates
      .filter(({ saleClass }) => saleClass === 'venda_livre')
      .slice(0, MAX_CANDIDATES)
      .map((candidate) => ({
        candidato_id: candidate.id,
        nome: clip(oneLine(candidate.name), 80),
        tag: candidate.tag,
        medicamento: candidate.medicine,
        serve_para: candidate.indications.slice(0, 8).map((indication) => clip(oneLine(indication), 60)),
        combina_com: candidate.goesWith.slice(0, 8).map((companion) => clip(oneLine(companion), 60)),
      })),
  };
  return {
    messages: [
      { role: 'system', content: prompt.text },
      { role: 'user', content: `<dados>\n${asData(data)}\n</dados>` },
    ],
    schema: ANSWER_SCHEMA,
    temperature: 0,
    maxTokens: MAX_TOKENS,
  };
}

/** The newest turns that fit, oldest first. */
function recent(history: readonly string[]): string[] {
  const kept: string[] = [];
  let left = MAX_HISTORY;
  for (let index = history.length - 1; index >= 0 && left > 0; index--) {
    const turn = (history[index] ?? '').slice(-left);
    left -= turn.length;
    kept.unshift(turn);
  }
  return kept;
}

function asData(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
}
