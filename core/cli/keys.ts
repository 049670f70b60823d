import { BaltoError } from '../contracts/index.ts';
import type { KeysRotated } from '../store/key-rotation.ts';
import type { Command } from './command.ts';
import { withStore } from './with-store.ts';

export const command: Command = {
  usage: 'keys rotate',
  summary:
    'Cifra de novo, com a BALTO_SECRET_KEY em uso, o que chaves anteriores (BALTO_SECRET_KEY_PREVIOUS) cifraram. Sem BALTO_SECRET_KEY, no banco embutido, faz antes uma chave nova. Pode ser interrompido e repetido, com o servidor no ar ou parado.',
  positionals: ['rotate'],
  async run({ values, positionals }, io) {
    if (positionals[0] !== 'rotate') throw wrongUse();
    const done = await withStore(io, { op: 'keys rotate', args: {} }, ({ keys }) => keys.rotate({ actor: 'cli' }));
    io.out(values['json'] === true ? JSON.stringify({ ok: done.unreadable === 0, ...done }) : told(done));
    return done.unreadable === 0 ? 0 : 1;
  },
};

function told({ resealed, unreadable, newKey }: KeysRotated): string {
  const count = Object.values(resealed).reduce((sum, each) => sum + each, 0);
  const what = count === 0 ? 'Nada estava cifrado com uma chave anterior.' : `Cifrados de novo: ${count}.`;
  const after = newKey
    ? 'Há uma chave nova em secret.key; a anterior fica na segunda linha, para cópias de segurança e diários mais antigos.'
    : 'BALTO_SECRET_KEY_PREVIOUS pode sair do .env quando todos os processos usarem a chave nova.';
  const left = `${unreadable} não abrem com nenhuma das chaves dadas: ponha a que falta em BALTO_SECRET_KEY_PREVIOUS e repita.`;
  return [what, unreadable > 0 ? left : after].join('\n');
}

function wrongUse(): BaltoError {
  return new BaltoError({ code: 'BALTO_CLI_USAGE', message: 'Esperado: keys rotate' });
}
