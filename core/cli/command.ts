import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { BaltoError } from '../contracts/index.ts';

/** Where a command speaks, and what it may read of the outside. */
export interface Io {
  out(line: string): void;
  error(line: string): void;
  env: Record<string, string | undefined>;
  /** Fires at the first Ctrl-C: commands that go on for long let go of what they hold. */
  signal: AbortSignal;
}

type Options = Record<string, { type: 'boolean' | 'string'; help: string; value?: string }>;
type Values = Record<string, string | boolean | undefined>;

/** One `balto <name>`. Every command also takes `--help`, and `--json` where it has something to tell a program. */
export interface Command {
  /** How it is called, after `balto`: `simulate ARQUIVO [opções]`. */
  usage: string;
  summary: string;
  options?: Options;
  /** Names of what must stand after the command; one in brackets may be left out. */
  positionals?: string[];
  json?: boolean;
  /** @returns the exit code; 0: all is well. */
  run(args: { values: Values; positionals: string[] }, io: Io): Promise<number>;
}

const HELP = { help: { type: 'boolean', help: 'Mostra esta ajuda' } } as const;
const JSON_OPTION = { json: { type: 'boolean', help: 'Responde em JSON, para programas' } } as const;

function allOptions(command: Command): Options {
  return { ...command.options, ...(command.json === false ? {} : JSON_OPTION), ...HELP };
}

/** Parses, answers `--help`, runs. Wrong use is told with the usage and exit code 2. */
export async function runCommand(command: Command, args: string[], io: Io): Promise<number> {
  let parsed: { values: Values; positionals: string[] };
  try {
    parsed = parse(command, args);
  } catch (error) {
    if (!(error instanceof BaltoError)) throw error;
    io.error(`${error.message}\nUso: balto ${command.usage}`);
    return 2;
  }
  if (parsed.values['help'] === true) {
    io.out(helpOf(command));
    return 0;
  }
  const wanted = command.positionals ?? [];
  const least = wanted.filter((name) => !name.startsWith('[')).length;
  if (parsed.positionals.length < least || parsed.positionals.length > wanted.length) {
    io.error(`Esperado: ${wanted.join(' ') || 'nenhum argumento'}\nUso: balto ${command.usage}`);
    return 2;
  }
  return command.run(parsed, io);
}

function parse(command: Command, args: string[]): { values: Values; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { type }] of Object.entries(allOptions(command))) options[name] = { type };
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    return { values: values as Values, positionals };
  } catch (cause) {
    const given = args.find((arg) => arg.startsWith('-') && !Object.hasOwn(options, arg.replace(/^-+|=.*$/g, '')));
    const what = given ? `Opção desconhecida: ${given.split('=')[0]}` : 'Opção sem o valor que ela pede';
    throw new BaltoError({ code: 'BALTO_CLI_USAGE', message: what, cause });
  }
}

function helpOf(command: Command): string {
  const rows = Object.entries(allOptions(command)).map(([name, { value, help }]) => {
    return `  ${`--${name}${value ? ` ${value}` : ''}`.padEnd(18)} ${help}`;
  });
  return [`balto ${command.usage}`, '', command.summary, '', 'Opções:', ...rows].join('\n');
}
