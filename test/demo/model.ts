import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatRequest } from '../emulators/index.ts';

/** A catalogue item the stand-in once tries to suggest although nobody may: what the gate is there for. */
export interface Temptation {
  candidateId: number;
  /** Folded word that brings it up. */
  word: string;
}

interface ShownCandidate {
  candidato_id: number;
  nome: string;
  tag: string;
  medicamento: boolean;
  serve_para: string[];
  combina_com: string[];
}

interface ShownData {
  conversa_anterior: string[];
  transcricao: string;
  candidatos: ShownCandidate[];
}

interface Need {
  /** Matched against one folded sentence. */
  heard: RegExp;
  /** As the catalogue names it, in `serve_para` or `combina_com`. */
  name: string;
  /** Why the item helps, for the clerk. */
  why: string;
  /** Something bought, no need: `name` is what it is called by. */
  bought?: true;
}

/** What the stand-in understands of a counter's talk; a real model needs no such list. */
const NEEDS: readonly Need[] = [
  { heard: /nariz entupido/, name: 'nariz entupido', why: 'Ajuda a desentupir o nariz.' },
  { heard: /espirr/, name: 'resfriado', why: 'Combina com quem espirra.' },
  { heard: /cansaco/, name: 'cansaço', why: 'Apoia quem se queixa de cansaço.' },
  { heard: /tossindo|tosse/, name: 'tosse', why: 'Alivia a tosse.' },
  { heard: /garganta (arranha|doen)/, name: 'dor de garganta', why: 'Alivia a garganta arranhando.' },
  { heard: /losartana/, name: 'losartana', why: 'Ajuda no acompanhamento da pressão.', bought: true },
  { heard: /praia|protetor solar/, name: 'exposição ao sol', why: 'Protege do sol da praia.' },
  { heard: /ralou|machuc/, name: 'ferimento', why: 'Ajuda a cuidar do joelho ralado.' },
];
const MOST_ITEMS = 3;

/**
 * Stands in for the language model: reads the real prompt's data, answers the strict schema by keywords. It thinks for
 * 320 to 520 ms, always the same for the same question. Once, when `temptation` comes up, it goes wrong on purpose.
 */
export function demoModel(temptation: () => Temptation | null): (request: ChatRequest) => Promise<object> {
  let isTempted = false;
  return async (request) => {
    const data = readData(request);
    await sleep(320 + ((data.transcricao.length * 37) % 200));
    const answer = answerFor(data);
    const wrong = temptation();
    if (wrong && !isTempted && fold(data.transcricao).includes(wrong.word)) {
      isTempted = true;
      answer.itens.unshift({
        candidato_id: wrong.candidateId,
        explicacao: 'O cliente falou deste item.',
        tag: 'cardio_pressao',
        confianca: 'alta',
      });
      answer.deve_sugerir = true;
    }
    return answer;
  };
}

function answerFor(data: ShownData) {
  const said = sentencesOf(data.transcricao);
  const earlier = fold(data.conversa_anterior.join(' '));
  const needs = NEEDS.filter(({ heard }) => said.some(({ folded }) => heard.test(folded)) && !heard.test(earlier));
  const all = fold(`${data.conversa_anterior.join(' ')} ${data.transcricao}`);
  const itens = choose(needs, data.candidatos, all);
  const evidencias = needs.slice(0, 5).flatMap(({ heard }) => {
    const quote = said.find(({ folded }) => heard.test(folded));
    return quote ? [{ tipo: 'A' as const, trecho: quote.text.slice(0, 300) }] : [];
  });
  const names = needs.map(({ name }) => name);
  return {
    deve_sugerir: itens.length > 0,
    normalizada: names.length > 0 ? `SINT: ${names.join(', ')} | NECESSIDADE` : 'NADA_RELEVANTE | OUTRO',
    classificacao: {
      macros_top2: itens.slice(0, 2).map(({ tag }) => tag),
      micro_categoria: names[0] ?? 'nenhuma',
      ancoras_para_excluir: data.candidatos
        .filter(({ nome }) => isNamed(nome, all))
        .map(({ nome }) => nome)
        .slice(0, 10),
    },
    necessidades: needs.filter(({ bought }) => !bought).map(({ name }) => name),
    evidencias,
    itens,
  };
}

/** One item for each need in turn, until the card is full: nothing the customer already named, nothing twice. */
function choose(needs: readonly Need[], candidates: readonly ShownCandidate[], said: string) {
  const chosen = new Map<number, ReturnType<typeof item>>();
  for (let round = 0; round < MOST_ITEMS; round++) {
    for (const need of needs) {
      if (chosen.size >= MOST_ITEMS) return [...chosen.values()];
      const next = candidates.find((candidate) => {
        const serves = [...candidate.serve_para, ...candidate.combina_com].includes(need.name);
        return serves && !chosen.has(candidate.candidato_id) && !isNamed(candidate.nome, said);
      });
      if (next) chosen.set(next.candidato_id, item(next, need));
    }
  }
  return [...chosen.values()];
}

function item(candidate: ShownCandidate, need: Need) {
  const { candidato_id, tag } = candidate;
  return { candidato_id, explicacao: need.why, tag, confianca: 'alta' as const };
}

/** Whether the conversation already names the item, by its first two telling words. */
function isNamed(name: string, said: string): boolean {
  const words = fold(name)
    .split(' ')
    .filter((word) => word.length > 3)
    .slice(0, 2);
  return words.length > 0 && words.every((word) => said.includes(word));
}

/** The data the prompt carries between its `<dados>` marks. */
function readData(request: ChatRequest): ShownData {
  const content = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const inside = /<dados>\n([\s\S]*)\n<\/dados>/.exec(content)?.[1];
  if (inside === undefined) throw new Error('o pedido ao modelo não traz <dados>');
  return JSON.parse(inside) as ShownData;
}

function sentencesOf(text: string): { text: string; folded: string }[] {
  return (text.match(/[^.!?]+[.!?]*/g) ?? []).map((sentence) => ({ text: sentence.trim(), folded: fold(sentence) }));
}

function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
