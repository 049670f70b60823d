import t from 'tap';
import { PERMISSIONS } from '../../../core/http/permissions.ts';
import { users } from '../../../plugins/panel/web/src/messages/users.ts';
import { type ChainReport, woundsOf } from '../../../plugins/panel/web/src/pages/audit/wounds.ts';
import { matchesLine } from '../../../plugins/panel/web/src/pages/catalogue/match.ts';
import { ageText } from '../../../plugins/panel/web/src/pages/health/age.ts';
import { bodyOf, NO_SCOPE, scopeText } from '../../../plugins/panel/web/src/pages/privacy/scope.ts';

t.test('every permission a token may have is told as the manual tells it', async (t) => {
  for (const [permission, meaning] of Object.entries(PERMISSIONS))
    t.equal(users.of(`scope.${permission}`, ''), meaning);
});

t.test('what is wrong with the audit’s chain, in words; the first seal is no wound', async (t) => {
  const whole: ChainReport = {
    checkedAt: '2026-11-21T00:00:00Z',
    ok: true,
    rows: 3,
    end: { seq: 3, hash: 'x' },
    firstBroken: null,
    seal: 'ok',
    witness: 'ok',
    retired: null,
    reseals: [{ seq: 1, at: '', found: 'none' }],
    restores: [],
  };
  t.same(woundsOf(whole), []);
  t.same(woundsOf({ ...whole, firstBroken: { seq: 2, id: 9, what: 'missing' } }), ['Falta a linha 2.']);
  t.match(woundsOf({ ...whole, firstBroken: { seq: null, id: 9, what: 'unchained' } }), [/de id 9/]);
  t.match(woundsOf({ ...whole, seal: 'wrong', witness: 'contradicts' }), [/BALTO_SECRET_KEY/, /outro fim/]);
  t.match(woundsOf({ ...whole, reseals: [...whole.reseals, { seq: 3, at: '', found: 'none' }] }), [/linha 3.*faltava/]);
  t.match(woundsOf({ ...whole, reseals: [{ seq: 1, at: '', found: 'wrong' }] }), [/linha 1.*errado/]);
  t.match(woundsOf({ ...whole, firstBroken: { seq: 9, id: null, what: 'anchor' } }), [/linha 9.*selada/]);
  const retired = { rows: 9, seals: 1, upTo: { seq: 9, hash: 'x' }, newestAt: '', retiredAt: '' };
  t.match(woundsOf({ ...whole, retired, reseals: [{ seq: 12, at: '', found: 'none' }] }), [/linha 12.*faltava/]);
  t.same(woundsOf({ ...whole, seal: 'none', rows: 0 }), [], 'an empty log needs no seal');
});

t.test('a line of the list is found by any of its words, accents aside', async (t) => {
  const line = {
    rule: 'mip-omeprazol-20',
    substances: [{ name: 'omeprazol', upTo: null }],
    forms: ['cápsula'],
    indications: ['azia', 'má digestão'],
    maxDays: 14,
    validFrom: '2025-11-18',
    validTo: null,
    inForce: true,
    checked: true,
    source: '',
    minAgeYears: 18,
    restrictedBy: [],
  };
  for (const text of ['', 'OMEPRAZOL', 'capsula', 'ma digestao', 'azía 20']) t.ok(matchesLine(line, text), text);
  for (const text of ['dipirona', 'azia dipirona']) t.notOk(matchesLine(line, text), text);
});

t.test('an age is whole units, rounded down', async (t) => {
  t.equal(ageText(59), 'há 59 segundos');
  t.equal(ageText(3599), 'há 59 minutos');
  t.equal(ageText(86_399), 'há 23 horas');
  t.equal(ageText(8 * 86_400 - 1), 'há 7 dias');
});

t.test('whose data a request is about: nothing is asked for before it is said', async (t) => {
  t.equal(bodyOf(NO_SCOPE), null);
  t.equal(bodyOf({ ...NO_SCOPE, interaction: 0 }), null);
  t.same(bodyOf({ ...NO_SCOPE, interaction: 12, counter: 'x' }), { interaction: 12 }, 'one scope, not two');
  t.equal(bodyOf({ ...NO_SCOPE, kind: 'employee' }), null);
  t.same(bodyOf({ ...NO_SCOPE, kind: 'employee', employee: '3' }), { employee: 3 });
  t.same(bodyOf({ ...NO_SCOPE, kind: 'counter', counter: 'c1' }), { counter: 'c1' });
  const period = { ...NO_SCOPE, kind: 'period' as const, from: '2026-11-01' };
  t.equal(bodyOf(period), null);
  t.equal(bodyOf({ ...period, to: '2026-11-01' }), null, 'a period of nothing');
  t.same(bodyOf({ ...period, to: '2026-11-02' }), { from: '2026-11-01', to: '2026-11-02' });
  t.equal(
    scopeText({ ...period, to: '2026-11-02' }, () => ''),
    'o período de 01/11/2026 a 02/11/2026',
  );
  t.equal(
    scopeText({ ...NO_SCOPE, kind: 'counter', counter: 'c1' }, (_kind, id) => `<b>${id}</b>`),
    'o balcão <b>c1</b>',
  );
});
