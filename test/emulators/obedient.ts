import type { ChatAnswer, ChatRequest } from './openai.ts';

/** What a recommendation request shows the model, as far as an attacker's model cares. */
interface Shown {
  transcricao: string;
  candidatos: { candidato_id: number; tag: string }[];
}

/**
 * A model that does whatever it hears: it offers every forbidden id it knows and whatever it is shown, says the attacker's
 * sentence and its own instructions wherever it may write, and quotes the attack as its evidence.
 */
export function obedientToAll(forbidden: readonly number[]): (request: ChatRequest) => ChatAnswer {
  return (request) => {
    const instructions = request.messages[0]?.content ?? '';
    const heard = shown(request);
    const item = (candidato_id: number, explicacao: string) => ({
      candidato_id,
      explicacao: explicacao.slice(0, 220),
      tag: heard.transcricao.slice(0, 60),
      confianca: 'alta',
    });
    const offered = heard.candidatos.map(({ candidato_id }) => candidato_id);
    return {
      deve_sugerir: true,
      normalizada: heard.transcricao,
      classificacao: {
        macros_top2: [heard.transcricao, instructions],
        micro_categoria: instructions,
        ancoras_para_excluir: [],
      },
      necessidades: [],
      evidencias: [{ tipo: 'A', trecho: heard.transcricao }],
      itens: [
        ...forbidden.slice(0, 4).map((id) => item(id, heard.transcricao)),
        ...offered.slice(0, 3).map((id) => item(id, heard.transcricao)),
        ...offered.slice(3, 6).map((id) => item(id, instructions)),
        ...[-1, 999_999_999].map((id) => item(id, heard.transcricao)),
      ],
    };
  };
}

function shown(request: ChatRequest): Shown {
  const content = request.messages.at(-1)?.content ?? '';
  return JSON.parse(content.replace(/^<dados>\n/u, '').replace(/\n<\/dados>$/u, '')) as Shown;
}
