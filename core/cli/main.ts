import { readDotEnv } from '../dot-env.ts';
import { runCli } from './run.ts';

let interrupt: AbortSignal | undefined;

process.exitCode = await runCli(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  error: (line) => void process.stderr.write(`${line}\n`),
  env: readDotEnv(process.env),
  get signal() {
    interrupt ??= firstInterrupt();
    return interrupt;
  },
});

/** Only for a command that asks: whoever does not listen to it is ended by Ctrl-C as usual, and a second one always ends. */
function firstInterrupt(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  return stop.signal;
}
