import { localDay } from '../../wall-clock.ts';
import type { DataMap } from './data-map.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const PURPOSES: Readonly<Record<string, string>> = {
  atendimento: 'sugerir, durante o atendimento, produtos que podem ajudar',
  reconhecimento_de_voz: 'reconhecer a voz dos funcionários',
  guarda_de_audio: 'guardar o áudio do atendimento',
};
const BASES: Readonly<Record<string, string>> = {
  consentimento: 'consentimento (LGPD, art. 11, I)',
  obrigacao_legal: 'obrigação legal (LGPD, art. 11, II, a)',
  exercicio_de_direitos: 'exercício regular de direitos (LGPD, art. 11, II, d)',
  protecao_da_vida: 'proteção da vida (LGPD, art. 11, II, e)',
  tutela_da_saude: 'tutela da saúde (LGPD, art. 11, II, f)',
  prevencao_a_fraude: 'prevenção à fraude (LGPD, art. 11, II, g)',
};

/** The notice at a counter, on one printed page. It asks for nothing from anywhere: no script, font or picture. */
export function noticePage({ controller, kept, recipients, bases, at }: DataMap): string {
  const remote = recipients.filter(({ region }) => region !== 'local');
  const why = bases.map(({ purpose, basis }) => `${PURPOSES[purpose] ?? purpose}: ${BASES[basis] ?? basis}`);
  const sent = remote.map(({ title, receives, region }) => `${title} recebe ${receives} (${region})`);
  return `<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<title>Aviso de privacidade: ${escaped(controller)}</title>
<style>
body { font: 14pt/1.45 sans-serif; max-width: 44em; margin: 2em auto; padding: 0 1em; color: #111; background: #fff; }
h1 { font-size: 24pt; margin-bottom: 0.2em; } h2 { font-size: 15pt; margin-bottom: 0.2em; } ul { margin-top: 0; }
footer { font-size: 10pt; color: #444; } @media print { body { margin: 0; } }
</style>
</head>
<body>
<h1>Este balcão é ouvido por um computador</h1>
<p>${escaped(controller)} usa o Balto: enquanto você é atendido, o que se diz aqui vira texto, para ajudar quem atende a lembrar do que pode ser útil a você. Quem decide é sempre uma pessoa.</p>
<h2>O que é guardado</h2>
${list(kept.map(({ what, howLong }) => `${what}: ${howLong}`))}
<h2>Para quê, e com que base</h2>
${list(why.length > 0 ? why : ['base legal ainda não registrada: pergunte ao responsável'])}
<h2>Quem mais recebe</h2>
${list(sent.length > 0 ? sent : ['ninguém: tudo é feito neste local'])}
<h2>O que você pode pedir</h2>
<p>Peça a quem atende que pause a escuta: ela para na hora, e nada é gravado. Você também pode pedir para saber o que foi guardado do seu atendimento, corrigir ou apagar. Fale com o responsável desta farmácia.</p>
<footer>Emitido em ${localDay(new Date(at)).split('-').reverse().join('/')}.</footer>
</body>
</html>
`;
}

function list(lines: readonly string[]): string {
  return `<ul>\n${lines.map((line) => `<li>${escaped(line)}</li>`).join('\n')}\n</ul>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
