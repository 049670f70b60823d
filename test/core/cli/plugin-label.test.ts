import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cli } from '../../helpers/cli.ts';

const LABEL = {
  tier: 'gold',
  contract: 1,
  date: '2026-11-21',
  models: ['ear-1'],
  passes: ['manifest-named', 'transcribe-answers'],
  fails: { 'batch-usage': 'usage in seconds' },
  exempt: { 'stream-opens': 'it does not stream' },
};

const ENTRY = `
export default async function plugin(app) {
  const provider = {
    kind: 'stt', vendor: 'nova', id: 'nova', title: 'Nova', models: ['ear-1'],
    settings: { type: 'object', properties: {} }, capabilities: {}, create() { throw new Error('never'); },
  };
  app.balto.register({ id: 'nova', title: 'Nova', specVersion: 1, region: 'br' }, [provider]);
}
plugin[Symbol.for('skip-override')] = true;
`;

/** `balto plugins` with a package from outside whose files lie so; its entry is in `dist`. */
async function listed(t: Test, files: Record<string, string>, dist: Record<string, string> = {}) {
  const manifest = JSON.stringify({
    name: 'balto-plugin-nova',
    type: 'module',
    exports: './dist/index.js',
    peerDependencies: { balto: '*' },
  });
  const folder = t.testdir({ nova: { 'package.json': manifest, dist: { 'index.js': ENTRY, ...dist }, ...files } });
  const given = { BALTO_PLUGINS: join(folder, 'nova/dist/index.js') };
  const { code, out, error } = await cli(['plugins', '--json'], given);
  t.equal(code, 0, error);
  const { plugins } = JSON.parse(out) as { plugins: { id: string }[] };
  return { error, nova: plugins.find(({ id }) => id === 'nova') };
}

const text = (label: object) => JSON.stringify({ 'stt/nova': label });
const NOTHING = { tier: null, checks: 0, failed: 0, exempt: 0 };

t.test('a package ships its label in its root, or beside its entry, which counts first', async (t) => {
  const shown = { kind: 'stt', vendor: 'nova', tier: 'gold', checks: 3, failed: 1, exempt: 1, region: 'br' };
  t.match((await listed(t, { 'quality.json': text(LABEL) })).nova, shown);
  const own = { 'quality.json': text({ ...LABEL, tier: 'silver' }) };
  t.match((await listed(t, { 'quality.json': text(LABEL) }, own)).nova, { ...shown, tier: 'silver' });
});

t.test('without a label, or with one of other contracts, nothing is claimed', async (t) => {
  t.match((await listed(t, {})).nova, NOTHING);
  t.match((await listed(t, { 'quality.json': text({ ...LABEL, contract: 2 }) })).nova, NOTHING);
});

t.test('a file that is no label is said, and keeps nobody from being listed', async (t) => {
  const { nova, error } = await listed(t, { 'quality.json': text({ ...LABEL, tier: 'diamond' }) });
  t.match(nova, NOTHING);
  t.match(error, /nova\/quality\.json: quality\.json não é um rótulo de qualidade: .*tier/);
});
