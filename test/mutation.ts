import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The files that decide what a counter may be offered, with the tests that hold each group, the quickest first. */
const GROUPS: Record<string, { files: string[]; tests: string[] }> = {
  doses: { files: ['otc-dose'], tests: ['otc-dose'] },
  list: { files: ['otc-checks'], tests: ['otc'] },
  restrictions: { files: ['tightening', 'restriction-checks'], tests: ['tightening', 'gate-situation'] },
  restraint: { files: ['restraint', 'pharmacist-call'], tests: ['restraint', 'evidence', 'gate-situation'] },
  situation: {
    files: ['situation', 'situation-age', 'situation-medicines', 'situation-talk'],
    tests: ['situation-said', 'situation', 'gate-situation'],
  },
  catalogue: { files: ['sale-class', 'presentation'], tests: ['presentation'] },
  gate: {
    files: ['gate', 'gate-common', 'gate-medicine', 'gate-other', 'gate-rules', 'gate-names'],
    tests: ['gate-names', 'gate-situation', 'gate', 'gate-edges'],
  },
};
const STRYKER = '@stryker-mutator/core@10';

/** `npm run test:mutation [-- GROUP …]`: how many changes to the code the tests notice. Takes an hour for all of them. */
function main(wanted: string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'balto-mutation-'));
  let failed = 0;
  for (const [name, { files, tests }] of Object.entries(GROUPS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const imports = tests.map((test) => `await import("./test/core/pharmacy/${test}.test.ts");`).join(' ');
    const config = join(folder, `${name}.json`);
    writeFileSync(
      config,
      JSON.stringify({
        testRunner: 'command',
        commandRunner: {
          command: `node --import=./test/helpers/compile-cache.js --liftoff-only --input-type=module -e '${imports}'`,
        },
        mutate: files.map((file) => `core/pharmacy/${file}.ts`),
        // Texts for people are not what decides.
        mutator: { excludedMutations: ['StringLiteral'] },
        tsconfigFile: 'none.json',
        symlinkNodeModules: true,
        concurrency: 2,
        timeoutMS: 10_000,
        reporters: ['clear-text'],
        tempDirName: join(folder, name),
        checkers: [],
        plugins: [],
      }),
    );
    const env = { ...process.env, TAP_BAIL: '1' };
    const { status } = spawnSync('npx', ['--yes', `--package=${STRYKER}`, 'stryker', 'run', config], {
      stdio: 'inherit',
      env,
    });
    if (status !== 0) failed += 1;
  }
  rmSync(folder, { recursive: true, force: true });
  return failed;
}

process.exitCode = main(process.argv.slice(2)) === 0 ? 0 : 1;
