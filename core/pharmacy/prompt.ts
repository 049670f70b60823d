import { BaltoError, type LlmRequest } from '../contracts/index.ts';
import type { CatalogueCandidate } from './catalogue.ts';
import { type LeafletExcerpts, leafletExcerpts } from './leaflet.ts';
import { clip, oneLine } from './text.ts';

/** A versioned prompt file. */
export interface Prompt {
  /** `recomendacao-v2`: stored with each interaction. */
  version: string;
  text: string;
}

const MAX_TEXT = 8000;
const MAX_HISTORY = 4000;
const MAX_CANDIDATES = 30;
const MAX_DOUBTFUL = 10;
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

/** What one question to the model is made from. */
export interface Question {
  text: string;
  history: readonly string[];
  /** The likeliest first. */
  candidates: readonly CatalogueCandidate[];
  /** Medicines perhaps named, as our own data writes them. */
  doubtful: readonly string[];
  format: NonNullable<LlmRequest['schema']>;
}

/**
 * The request for one context, and the leaflet excerpts it shows. What was spoken, the catalogue and leaflets go as JSON
 * between `<dados>` marks, in a message of their own: `<` is escaped, so nothing in them can close the marks. A
 * prescription item is not shown to the model at all.
 */
export function buildRequest(prompt: Prompt, question: Question): { request: LlmRequest; leaflets: LeafletExcerpts[] } {
  const shown = question.candidates.filter(({ saleClass }) => saleClass === 'venda_livre').slice(0, MAX_CANDIDATES);
  const transcript = question.text.slice(-MAX_TEXT);
  const leaflets = leafletExcerpts(shown, transcript);
  const data = {
    conversa_anterior: recent(question.history),
    transcricao: transcript,
    ouvido_com_duvida: question.doubtful.slice(0, MAX_DOUBTFUL).map((name) => clip(oneLine(name), 60)),
    candidatos: shown.map((candidate) => toData(candidate, leaflets)),
  };
  const request: LlmRequest = {
    messages: [
      { role: 'system', content: prompt.text },
      { role: 'user', content: `<dados>\n${asData(data)}\n</dados>` },
    ],
    schema: question.format,
    temperature: 0,
    maxTokens: MAX_TOKENS,
  };
  return { request, leaflets };
}

function toData(candidate: CatalogueCandidate, leaflets: readonly LeafletExcerpts[]): Record<string, unknown> {
  const lines = (texts: readonly string[]) => texts.slice(0, 8).map((text) => clip(oneLine(text), 60));
  const leaflet = leaflets.find(({ candidateId }) => candidateId === candidate.id);
  return {
    candidato_id: candidate.id,
    nome: clip(oneLine(candidate.name), 80),
    tag: candidate.tag,
    medicamento: candidate.medicine,
    serve_para: lines(candidate.indications),
    combina_com: lines(candidate.goesWith),
    ...(leaflet ? { bula: leaflet.excerpts } : {}),
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
