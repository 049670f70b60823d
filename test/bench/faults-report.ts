import type { FaultsFigures } from './faults.ts';

/** The figures as a page, in Portuguese: it is published in the manuals. */
export function reportOf({
  machine,
  seed,
  passes,
  counters,
  hits,
  account,
  lostMs,
  statuses,
  lateMs,
}: FaultsFigures): string {
  const { words, wordsLost, wordsTwice, samplesLost, switches, switchP50Ms, switchMs, retryMs, failed, gaps, wrong } =
    account;
  const vendors = [...new Set(hits.map(({ vendor }) => vendor))].sort();
  const kinds = Object.keys(countsOf(hits.map(({ kind }) => kind)));
  const rows = kinds.map((kind) => {
    const cells = vendors.map((vendor) => hits.filter((hit) => hit.kind === kind && hit.vendor === vendor).length);
    return `| \`${kind}\` | ${cells.join(' | ')} |`;
  });
  return `${[
    '# Falhas sorteadas',
    '',
    `Feito por \`npm run bench -- faults\`: ${counters} balcões dizem a conversa inteira, em tempo real, ${passes} vezes, enquanto três fornecedores emulados falham ao acaso (semente ${seed}). Os emuladores só devolvem uma palavra`,
    'quando recebem ao menos 80 % das amostras dela; cada falha contada atingiu um pedido ou uma conexão aberta.',
    '',
    `- **${hits.length} falhas**, ${failed} tentativas falharam.`,
    `- **${words} palavras ditas: ${wordsLost} perdidas, ${wordsTwice} repetidas.** Fala perdida segundo as linhas: ${lostMs} ms; amostras faladas fora de qualquer resposta: ${samplesLost}.`,
    `- Falas por desfecho: ${Object.entries(statuses)
      .map(([status, count]) => `${count} \`${status}\``)
      .join(', ')}; ${gaps} cortadas porque o som do balcão atrasou.`,
    ...wrong.map((each) => `  - ${each}`),
    `- Outro candidato foi chamado ${switches} vezes; do fim da tentativa ao primeiro byte do seguinte (que também pode estar em falha), p50 ${switchP50Ms} ms, p99 ${switchMs} ms.${retryMs === null ? '' : ` O mesmo de novo, depois da pausa: p50 ${retryMs} ms.`}`,
    `- Máquina: ${machine.cores} núcleos ${machine.model}, Node ${machine.node}, carga antes ${machine.loadAverage}; quem fazia os balcões falarem atrasou no máximo ${Math.round(lateMs)} ms.`,
    '',
    `| falha | ${vendors.join(' | ')} |`,
    `|---|${vendors.map(() => '---|').join('')}`,
    ...rows,
  ].join('\n')}\n`;
}

/** Names with how often each came, the most frequent first. */
export function countsOf(names: readonly string[]): Record<string, number> {
  const groups = [...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length] as const);
  return Object.fromEntries(groups.sort(([, a], [, b]) => b - a));
}
