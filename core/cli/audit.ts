import { BaltoError } from '../contracts/index.ts';
import { counted } from '../counted.ts';
import { type AuditReport, type Break, parseEnd } from '../store/audit-verify.ts';
import type { Command } from './command.ts';
import { withStore } from './with-store.ts';

export const command: Command = {
  usage: 'audit verify [--expect SEQ:HASH]',
  summary:
    'Confere a corrente da auditoria, linha por linha, e diz a primeira que não confere. Sai com 1 se alguém mexeu. O fim que ele mostra, anotado fora desta máquina, prova depois (--expect) que nada até ali mudou.',
  options: { expect: { type: 'string', value: 'SEQ:HASH', help: 'Fim anotado antes, que ainda tem de estar lá' } },
  positionals: ['verify'],
  async run({ values, positionals }, io) {
    if (positionals[0] !== 'verify') throw wrongUse();
    const expect = typeof values['expect'] === 'string' ? values['expect'] : undefined;
    const expected = parseEnd(expect);
    const report = await withStore(io, { op: 'audit verify', args: { expect } }, ({ audit }) => audit.verify(expected));
    io.out(values['json'] === true ? JSON.stringify(report) : told(report));
    return report.ok ? 0 : 1;
  },
};

const BREAKS: Record<Break['what'], string> = {
  changed: 'não é a que foi escrita',
  missing: 'não está lá',
  unlinked: 'não continua a anterior: algo antes dela foi refeito',
  unchained: 'foi posta por fora da corrente',
  cut: 'não está lá: o fim foi cortado',
  anchor: 'é até onde se aposentou, mas a marca não é a que foi selada',
};

function told(report: AuditReport): string {
  const { rows, end, firstBroken, seal, witness, expected, retired, reseals, restores } = report;
  const wrongSeals = reseals.filter(({ found }, index) => found !== 'none' || index > 0 || retired?.seals);
  const lines = counted(rows, 'linha', 'linhas');
  return [
    report.ok ? `Auditoria íntegra: ${lines}.` : `A auditoria NÃO confere (${lines}).`,
    ...(firstBroken ? [`  linha ${placeOf(firstBroken)} ${BREAKS[firstBroken.what]}`] : []),
    ...(seal === 'wrong' ? ['  o selo do fim não é desta BALTO_SECRET_KEY, ou é de outro fim'] : []),
    ...(seal === 'none' && rows > 0 ? ['  o fim ainda não tem selo: a próxima linha escrita pelo servidor o põe'] : []),
    ...(retired ? [`  antes dela, ${retiredTold(retired)}`] : []),
    ...(witness === 'contradicts' ? ['  esta máquina já viu outro fim (audit-head.json na pasta de dados)'] : []),
    ...(expected === 'contradicts' ? ['  o fim dado em --expect não está mais lá'] : []),
    ...(expected === 'retired'
      ? ['  o fim dado em --expect é de antes do que se aposentou: dele nada se pode dizer']
      : []),
    ...wrongSeals.map(({ seq, found }) => `  linha ${seq}: o selo ${found === 'none' ? 'faltava' : 'estava errado'}`),
    ...restores.map(({ seq, at }) => `  linha ${seq}: backup restaurado em ${at}`),
    ...(end ? [`fim: ${end.seq}:${end.hash}`] : []),
  ].join('\n');
}

function retiredTold({ rows, upTo, newestAt, retiredAt }: NonNullable<AuditReport['retired']>): string {
  const many = counted(rows, 'linha aposentada', 'linhas aposentadas');
  return `${many} por prazo, escritas até ${newestAt} (a última em ${retiredAt}), até ${upTo.seq}:${upTo.hash}`;
}

function placeOf({ seq, id }: Break): string {
  return seq === null ? `de id ${id}` : String(seq);
}

function wrongUse(): BaltoError {
  return new BaltoError({ code: 'BALTO_CLI_USAGE', message: 'Esperado: audit verify' });
}
