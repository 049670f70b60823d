import t from 'tap';
import { checkRestriction } from '../../../core/pharmacy/restriction-checks.ts';
import {
  minimumAge,
  NO_TIGHTENING,
  pharmacistFor,
  RESTRICTION_KINDS,
  type Restriction,
  tighteningOf,
} from '../../../core/pharmacy/tightening.ts';
import { candidate, data } from './support.ts';

const one = (more: Partial<Restriction> = {}): Restriction => ({
  id: 'r1',
  kind: 'tag',
  target: 'dor_generica',
  minAgeYears: null,
  why: 'teste',
  by: 'admin:1',
  at: '2026-11-21T12:00:00Z',
  ...more,
});
const compiled = (...items: Restriction[]) => tighteningOf({ items }, data.otc.names);

t.test('no section tightens nothing, and one is compiled once', async (t) => {
  t.equal(tighteningOf(undefined, data.otc.names), NO_TIGHTENING);
  t.match(NO_TIGHTENING, { unreadable: false });
  for (const kept of ['products', 'substances', 'tags', 'rules', 'ages', 'pharmacist'] as const) {
    t.equal(NO_TIGHTENING[kept].size, 0, kept);
  }
  const section = { items: [one()] };
  t.equal(tighteningOf(section, data.otc.names), tighteningOf(section, data.otc.names));
});

t.test('a section that is not of its shape closes everything', async (t) => {
  const long = 'x'.repeat(2000);
  for (const items of [
    [one({ id: '' })],
    [one({ id: long })],
    [one({ target: '' })],
    [one({ target: '   ' })],
    [one({ target: long })],
    [one({ minAgeYears: 0 })],
    [one({ minAgeYears: 121 })],
    [one({ minAgeYears: 1.5 })],
    [one({ why: '' })],
    [one({ why: long })],
    [one({ by: '' })],
    [one({ by: long })],
    [one({ at: '' })],
    [one({ at: long })],
    [one({ kind: 'liberar' as never })],
    [{ ...one(), extra: 1 }],
    Array.from({ length: 501 }, () => one()),
    'x',
  ]) {
    t.ok(tighteningOf({ items }, data.otc.names).unreadable, JSON.stringify(items).slice(0, 80));
  }
  t.ok(tighteningOf({ items: [], extra: 1 }, data.otc.names).unreadable);
  t.notOk(tighteningOf({ items: Array.from({ length: 500 }, () => one()) }, data.otc.names).unreadable);
});

t.test('of several ages for one target the highest holds, in any order', async (t) => {
  const [low, high] = [14, 16].map((minAgeYears) =>
    one({ id: `r${minAgeYears}`, kind: 'idade_minima', target: '*', minAgeYears }),
  ) as [Restriction, Restriction];
  for (const items of [
    [low, high],
    [high, low],
  ]) {
    t.match(minimumAge(compiled(...items), 12, 'mip-x', true), { years: 16, restriction: { id: 'r16' } });
  }
  t.same(minimumAge(compiled(low), 14, 'mip-x', true), { years: 14, restriction: null }, 'what the list asks already');
  t.same(minimumAge(compiled(low), 12, 'mip-x', false), { years: 12, restriction: null }, '* is of medicines');
  const both = compiled(low, one({ id: 'own', kind: 'idade_minima', target: 'mip-x', minAgeYears: 18 }));
  t.match(minimumAge(both, 12, 'mip-x', true), { years: 18, restriction: { id: 'own' } });
  t.same(
    minimumAge(compiled(one({ kind: 'idade_minima', target: '*' })), 12, 'mip-x', true).years,
    12,
    'without an age',
  );
  t.equal(compiled(one({ kind: 'tag', target: '*', minAgeYears: 90 })).ages.size, 0, 'an age of another kind is none');
});

t.test('who asks for a pharmacist, for what', async (t) => {
  const asks = (target: string, more = {}) =>
    pharmacistFor(compiled(one({ kind: 'farmaceutico', target })), candidate(more), ['paracetamol'], 'mip-x') !== null;
  for (const target of ['paracetamol', 'Acetaminofeno', 'dor_generica', 'mip-x', '*']) t.ok(asks(target), target);
  for (const target of ['dipirona', 'curativos', 'mip-y']) t.notOk(asks(target), target);
  t.notOk(asks('*', { medicine: false }));
});

t.test('a restriction that is asked for is held against the list', async (t) => {
  const ask = (kind: string, target: string, minAgeYears: number | null = null, existing: Restriction[] = []) =>
    checkRestriction({ kind, target, minAgeYears }, existing, data.otc);
  const refused = (code: string, field: string, ...given: Parameters<typeof ask>) =>
    t.throws(() => ask(...given), { code: `BALTO_RESTRICTION_${code}`, field }, given.slice(0, 3).join(' '));
  const rule = 'mip-paracetamol-comprimido';
  refused('LOOSENS', 'kind', 'liberar', '1');
  for (const target of ['0', '01', '-1', '1a', 'a1', '1'.repeat(11), '1.5'])
    refused('TARGET', 'target', 'produto', target);
  refused('TARGET', 'target', 'tag', 'nada');
  refused('TARGET', 'target', 'regra', 'nada');
  refused('TARGET', 'target', 'regra', 'dor_generica');
  refused('TARGET', 'target', 'substancia', 'coisa nova');
  refused('TARGET', 'target', 'farmaceutico', 'coisa nova');
  refused('TARGET', 'target', 'idade_minima', 'nada', 90);
  refused('TARGET', 'minAgeYears', 'idade_minima', '*');
  refused('TARGET', 'minAgeYears', 'tag', 'dor_generica', 18);
  for (const years of [11, 12]) refused('LOOSENS', 'minAgeYears', 'idade_minima', rule, years);
  refused('LOOSENS', 'minAgeYears', 'idade_minima', 'nm-sono', 19);
  refused('LOOSENS', 'minAgeYears', 'idade_minima', '*', 0);
  refused('EXISTS', 'target', 'tag', 'dor_generica', null, [one()]);
  const aged = one({ kind: 'idade_minima', target: '*', minAgeYears: 16 });
  for (const years of [15, 16]) refused('EXISTS', 'target', 'idade_minima', '*', years, [aged]);
  refused(
    'TOO_MANY',
    'target',
    'tag',
    'curativos',
    null,
    Array.from({ length: 500 }, () => one()),
  );
  t.throws(() => ask('tag', 'dor_generica', null, [one()]), { code: 'BALTO_RESTRICTION_EXISTS', statusCode: 409 });
  t.throws(() => ask('tag', 'nada'), { code: 'BALTO_RESTRICTION_TARGET', statusCode: 422 });
  for (const given of [
    ['produto', '1'],
    ['produto', '1234567890'],
    ['tag', 'dor_generica'],
    ['regra', rule],
    ['regra', 'nm-sono'],
    ['substancia', 'Acetaminofeno'],
    ['substancia', 'cafeína'],
    ['idade_minima', rule, 13],
    ['idade_minima', 'nm-sono', 20],
    ['idade_minima', '*', 1],
    ['idade_minima', '*', 17, [aged]],
    ['farmaceutico', '*'],
    ['farmaceutico', rule],
    ['farmaceutico', 'curativos'],
    ['farmaceutico', 'dipirona'],
    ['tag', 'dor_generica', null, [one({ target: 'curativos' }), one({ kind: 'farmaceutico' })]],
    ['tag', 'curativos', null, Array.from({ length: 499 }, () => one())],
  ] as const) {
    t.doesNotThrow(() => ask(...(given as unknown as Parameters<typeof ask>)), given.slice(0, 3).join(' '));
  }
  t.equal(RESTRICTION_KINDS.length, 6);
});
