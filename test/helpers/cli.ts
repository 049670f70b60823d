import { runCli } from '../../core/cli/run.ts';

/** Runs `balto <args>` in this process, with this environment and nothing else of ours. */
export async function cli(args: string[], env: Record<string, string> = {}) {
  const out: string[] = [];
  const error: string[] = [];
  const code = await runCli(args, {
    out: (line) => void out.push(line),
    error: (line) => void error.push(line),
    env,
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), error: error.join('\n') };
}
