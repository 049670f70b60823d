import { resolve } from 'node:path';
import { BaltoError } from '../contracts/index.ts';
import { eraseFor, exportTo, orderOf } from '../store/lgpd.ts';
import type { LgpdReceipt } from '../store/lgpd-receipts.ts';
import type { Command } from './command.ts';
import { withStore } from './with-store.ts';

const USE =
  'Esperado: lgpd export ARQUIVO | erase, com --client e um de --interaction, --employee, --counter, --from com --to';

export const command: Command = {
  usage:
    'lgpd export|erase [ARQUIVO] --client ID (--interaction N | --employee N | --counter ID | --from DATA --to DATA)',
  summary:
    'Entrega (export, em linhas JSON) ou apaga (erase) o que se guarda de uma fala, de um funcionário, de um balcão ou de um período, com o servidor no ar ou parado, e mostra o recibo. O que foi apagado não volta.',
  options: {
    client: { type: 'string', value: 'ID', help: 'Cliente de quem são os dados' },
    interaction: { type: 'string', value: 'N', help: 'Uma interação' },
    employee: { type: 'string', value: 'N', help: 'Um funcionário: falas, nome, voz e turnos' },
    counter: { type: 'string', value: 'ID', help: 'Tudo o que se disse em um balcão' },
    from: { type: 'string', value: 'DATA', help: 'Início do período, incluído (ISO 8601)' },
    to: { type: 'string', value: 'DATA', help: 'Fim do período, não incluído' },
  },
  positionals: ['export|erase', '[ARQUIVO]'],
  async run({ values, positionals }, io) {
    const [action, path] = positionals;
    if ((action !== 'export' && action !== 'erase') || (action === 'export') !== (path !== undefined)) throw wrongUse();
    const { client, json, help: _help, ...scope } = values;
    const args = { client, scope, ...(path === undefined ? {} : { file: resolve(path) }) };
    const receipt = await withStore(io, { op: `lgpd ${action}`, args }, async (store) => {
      const order = await orderOf(store, args);
      return args.file === undefined ? eraseFor(store, order) : exportTo(store, order, args.file);
    });
    io.out(json === true ? JSON.stringify(receipt) : told(receipt, args.file));
    return 0;
  },
};

function told({ id, action, scope, counts, unreached, hash, at }: LgpdReceipt, file: string | undefined): string {
  const rows = Object.entries(counts).map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`);
  return [
    action === 'erase' ? 'Apagado:' : `Entregue em ${file}:`,
    ...(rows.length > 0 ? rows : ['         0  nada havia nesse alcance']),
    ...(unreached.length > 0 ? ['Fora do alcance deste comando:', ...unreached.map((each) => `  ${each}`)] : []),
    `recibo ${id}, de ${new Date(at).toISOString()}, ${JSON.stringify(scope)}`,
    `hash ${hash}`,
  ].join('\n');
}

function wrongUse(): BaltoError {
  return new BaltoError({ code: 'BALTO_CLI_USAGE', message: USE });
}
