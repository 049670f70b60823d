import { start } from '../main.ts';
import type { Command } from './command.ts';

export const command: Command = {
  usage: 'start',
  summary: 'Inicia o servidor com o .env desta pasta: porta 8765 (8766 se ocupada), banco embutido se não há outro.',
  async run({ values }, io) {
    await start(io.out, values['json'] === true);
    return 0;
  },
};
