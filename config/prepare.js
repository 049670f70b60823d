// Run by npm after an install: builds what the installed tools need. Without development dependencies there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const NEEDED = [
  ['node_modules/tap', 'npx', ['tap', 'build']],
  ['node_modules/vite', 'npm', ['run', '--silent', 'build:panel']],
];

for (const [tool, command, args] of NEEDED) {
  if (!existsSync(tool)) continue;
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}
