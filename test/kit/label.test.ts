import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import {
  type CheckResult,
  compareLabel,
  holdToLabel,
  type KitReport,
  type Label,
  labelOf,
  type Outcome,
  parseLabels,
  readLabels,
  type Tier,
  tierOf,
} from '../../core/kit/index.ts';

const DAY = new Date('2026-11-20T12:00:00Z');

function result(id: string, tier: Tier, outcome: Outcome = 'passed'): CheckResult {
  return { id, tier, outcome, title: id, detail: outcome === 'passed' ? null : `why ${id}` };
}

function report(results: CheckResult[], model: string | null = 'ear-1'): KitReport {
  return { kind: 'stt', address: 'stt/acme', model, results, tier: tierOf(results) };
}

const GOLD = report([
  result('a', 'bronze'),
  result('b', 'silver'),
  result('c', 'gold', 'exempt'),
  result('d', 'platinum', 'failed'),
]);

t.test('a label says what the report shows', async (t) => {
  t.same(labelOf(GOLD, { date: DAY }), {
    tier: 'gold',
    contract: 1,
    date: '2026-11-20',
    models: ['ear-1'],
    passes: ['a', 'b'],
    fails: { d: 'why d' },
    exempt: { c: 'why c' },
  });
  t.same(compareLabel(labelOf(GOLD, { date: DAY }), GOLD), []);
});

const right = labelOf(GOLD);
const WRONG: Record<string, { label: Label | undefined; says: RegExp[] }> = {
  'no label at all': { label: undefined, says: [/has no label/] },
  'a better tier than shown': { label: { ...right, tier: 'platinum' }, says: [/tier platinum.*shows gold/] },
  'a lesser tier than shown': { label: { ...right, tier: 'bronze' }, says: [/tier bronze.*shows gold/] },
  'a check it fails': { label: { ...right, passes: ['a', 'b', 'd'], fails: {} }, says: [/ d: .*passes.* fails/] },
  'a check there is not': { label: { ...right, passes: ['a', 'b', 'z'] }, says: [/ z: .*passes.* is not asked/] },
  'not all that it passes': { label: { ...right, passes: ['a'] }, says: [/ b: .*not mentioned.* passes/] },
  'a pass where it is exempt': { label: { ...right, passes: ['a', 'b', 'c'], exempt: {} }, says: [/ c: .*exempt/] },
  'another reason to be exempt': { label: { ...right, exempt: { c: 'no' } }, says: [/ c: .*\(no\).*\(why c\)/] },
  'contracts it was not proven on': { label: { ...right, contract: 2 }, says: [/contract 2.*shows 1/] },
  'a model nobody proved': { label: { ...right, models: ['ear-1', 'ear-9'] }, says: [/models ear-1, ear-9/] },
  'that something is left to prove': { label: { ...right, unproven: 'weights' }, says: [/unproven weights/] },
};

for (const [what, { label, says }] of Object.entries(WRONG)) {
  t.test(`a label that claims ${what} is seen`, async (t) => {
    const differences = compareLabel(label, GOLD);
    t.match(differences, says);
    t.equal(differences.length, says.length);
  });
}

t.test('several models share a label: a failure of one is a failure, a pass of one ends an exemption', async (t) => {
  const other = report(
    [result('a', 'bronze', 'exempt'), result('b', 'silver', 'failed'), result('c', 'gold')],
    'ear-2',
  );
  const label = labelOf([GOLD, other]);
  t.match(label, { tier: 'bronze', models: ['ear-1', 'ear-2'], passes: ['a', 'c'], exempt: {} });
  t.same(Object.keys(label.fails), ['b', 'd']);
  t.match(compareLabel(label, GOLD), [/tier/, /models/, / c: /, / b: /], 'one of them alone does not show it');
  t.throws(() => labelOf([GOLD, { ...GOLD, address: 'stt/other' }]), RangeError);
});

t.test('nothing asked is nothing shown', async (t) => t.equal(labelOf(report([])).tier, null));

t.test('what is no label is refused, with the field', async (t) => {
  const text = (change: object) => JSON.stringify({ 'stt/acme': { ...right, ...change } });
  t.same(parseLabels(text({})), { 'stt/acme': right });
  for (const wrong of [
    '',
    '[]',
    '7',
    '{"acme":{}}',
    text({ tier: 'wood' }),
    text({ passes: [7] }),
    text({ date: 'x' }),
  ]) {
    t.throws(() => parseLabels(wrong), { code: 'BALTO_QUALITY_LABEL' }, wrong.slice(0, 20));
  }
  t.throws(() => parseLabels(text({ contract: 'um' })), { message: /contract/ });
});

async function heldIn(t: Test, label: object | null) {
  const file = pathToFileURL(join(t.testdir(), 'quality.json'));
  if (label) await writeFile(file, JSON.stringify({ 'llm/acme': right, ...label }));
  return { file, hold: (env: Record<string, string>) => holdToLabel(file, GOLD, { date: DAY }, env) };
}

t.test('held against the file: only BALTO_QUALITY=write changes it, and never in CI', async (t) => {
  const { file, hold } = await heldIn(t, { 'stt/acme': { ...right, tier: 'platinum' } });
  const before = await readFile(file, 'utf8');
  t.match(await hold({}), [/platinum/]);
  t.match(await hold({ BALTO_QUALITY: '', CI: 'true' }), [/platinum/]);
  await t.rejects(hold({ BALTO_QUALITY: 'write', CI: 'true' }), /not for CI/);
  await t.rejects(hold({ BALTO_QUALITY: '1' }), /"write" or not set/);
  t.equal(await readFile(file, 'utf8'), before);
  t.same(await hold({ BALTO_QUALITY: 'write' }), []);
  t.same(await hold({}), []);
  t.same(Object.keys(await readLabels(file)), ['llm/acme', 'stt/acme'], 'what others claim stays');
});

t.test('the first label makes the file; one that stays the same keeps its date', async (t) => {
  const { file, hold } = await heldIn(t, null);
  t.match(await hold({}), [/no label/]);
  t.same(await hold({ BALTO_QUALITY: 'write' }), []);
  const { mtimeMs } = await stat(file);
  t.same(await holdToLabel(file, GOLD, { date: new Date('2030-01-01') }, { BALTO_QUALITY: 'write' }), []);
  t.equal((await stat(file)).mtimeMs, mtimeMs);
  t.equal((await readLabels(file))['stt/acme']?.date, '2026-11-20');
});
