import { BaltoError } from '../contracts/index.ts';
import { type Io, runCommand } from './command.ts';
import { COMMANDS } from './commands.ts';

/** Runs `balto <args>`. @returns the exit code: 0 done, 1 failed, 2 wrong use. */
export async function runCli(args: string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.out(help());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) {
    io.error(`Comando desconhecido: ${name}\n\n${help()}`);
    return 2;
  }
  try {
    return await runCommand(await entry.load(), rest, io);
  } catch (error) {
    if (!(error instanceof BaltoError)) throw error;
    if (rest.includes('--json')) {
      const { code, message, field } = error;
      io.out(JSON.stringify({ ok: false, error: { code, message, field } }));
    } else io.error(`erro: ${error.message} (${error.code})`);
    return 1;
  }
}

function help(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`);
  return ['Uso: balto COMANDO [opções]', '', 'Comandos:', ...rows, '', 'balto COMANDO --help mostra as opções.'].join(
    '\n',
  );
}
