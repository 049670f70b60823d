import fc from 'fast-check';
import t from 'tap';
import { type CatalogueCandidate, SALE_CLASSES } from '../../../core/pharmacy/catalogue.ts';
import { gate } from '../../../core/pharmacy/gate.ts';
import type { Ground } from '../../../core/pharmacy/gate-rules.ts';
import { type Line, substancesKey } from '../../../core/pharmacy/otc.ts';
import { candidate, data, ground, starter } from './support.ts';

const TODAY = '2026-11-21';
const lines = [...data.otc.lines.values()].flat();

/** The very item a line allows at most. */
function itemOf(line: Line, more: Partial<CatalogueCandidate> = {}): CatalogueCandidate {
  const [form = ''] = line.forms;
  const ingredients = [...line.limits].map(([substance, dose]) => ({ substance, dose }));
  return candidate({
    name: `Item de ${line.rule}`,
    form,
    ingredients,
    substance: null,
    leaflet: null,
    goesWith: [],
    ...more,
  });
}

function decide(item: CatalogueCandidate, line: Line, more: Partial<Ground> = {}, turns: string[] = []) {
  const choice = { candidateId: item.id, explanation: '', tag: '', confidence: 'alta' as const };
  const { decisions } = gate([choice], [item], ground({ today: TODAY, ...more }, turns, line.indications), data.gate);
  const [decision] = decisions;
  if (!decision) throw new Error('no decision');
  return decision;
}

function dayBefore(day: string, days = 1): string {
  return new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10);
}

for (const line of lines) {
  t.test(`the edges of ${line.rule}`, async (t) => {
    const { rule } = line;
    const passes = decide(itemOf(line), line);
    t.match(passes, { allowed: true, rule: 'venda_livre', ruleId: rule, listVersion: data.otc.version });
    for (const form of line.forms) t.ok(decide(itemOf(line, { form }), line).allowed, form);

    for (const [index, [substance, dose]] of [...line.limits].entries()) {
      if (dose === null) continue;
      const withDose = (value: number | null) =>
        itemOf(line, {
          ingredients: itemOf(line).ingredients.map((each, at) =>
            at === index ? { substance, dose: value === null ? null : { ...dose, value } } : each,
          ),
        });
      t.match(decide(withDose(dose.value + 1), line), { allowed: false, rule: 'dose_acima', ruleId: rule });
      t.match(decide(withDose(dose.value * 1.001), line), { allowed: false, rule: 'dose_acima' }, 'a thousandth more');
      t.ok(decide(withDose(dose.value / 2), line).allowed, 'half the dose');
      t.match(decide(withDose(null), line), { allowed: false, rule: 'sem_dose' });
    }

    for (const form of ['solução injetável', 'implante', 'Sabe-se lá']) {
      t.notOk(decide(itemOf(line, { form }), line).allowed, form);
    }
    const of = new Set(
      (data.otc.lines.get(substancesKey(line.limits.keys())) ?? []).flatMap(({ forms }) => [...forms]),
    );
    const other = ['xarope', 'creme', 'emplastro'].find((form) => !of.has(form));
    // Of several lines about the same substances the first is named: a refusal leads to the list, too.
    const [first] = data.otc.lines.get(substancesKey([...line.limits.keys()])) ?? [];
    const ofOtherForm = decide(itemOf(line, { form: other ?? null }), line);
    t.match(ofOtherForm, { allowed: false, rule: 'outra_forma', ruleId: first?.rule });
    t.match(decide(itemOf(line, { form: null }), line), { allowed: false, rule: 'sem_forma' });

    t.match(decide(itemOf(line), line, { today: dayBefore(line.validFrom) }), {
      allowed: false,
      rule: 'fora_de_vigencia',
    });
    t.ok(decide(itemOf(line), line, { today: line.validFrom }).allowed, 'on its first day');

    const months = line.minAgeYears * 12;
    const aged = (youngestMonths: number) => ({
      situation: { ...ground({}, [], line.indications).situation, youngestMonths },
    });
    t.ok(decide(itemOf(line), line, aged(months)).allowed, 'on the birthday');
    if (months > 0)
      t.match(decide(itemOf(line), line, aged(months - 1)), { allowed: false, rule: 'idade', ruleId: rule });

    const extra = { substance: 'cafeína', dose: { value: 1, unit: 'mg' } };
    const more = itemOf(line, { ingredients: [...itemOf(line).ingredients, extra] });
    t.match(decide(more, line), { allowed: false, rule: 'fora_da_lista' }, 'one substance more');
    t.match(decide(itemOf(line, { ingredients: [] }), line), { allowed: false, rule: 'sem_principio_ativo' });
    const elsewhere = { situation: data.otc.situation.read([], { needs: ['outra coisa'] }) };
    t.match(decide(itemOf(line), line, elsewhere), { allowed: false, rule: 'outra_indicacao', ruleId: rule });
    t.match(decide(itemOf(line), line, { situation: data.otc.situation.read([]) }), {
      allowed: false,
      rule: 'outra_indicacao',
    });
    for (const said of ['Estou grávida', 'Estou amamentando']) {
      t.notOk(decide(itemOf(line), line, {}, [said]).allowed, said);
    }
  });
}

t.test('a line ends after its last day', async (t) => {
  const [line] = lines;
  if (!line) throw new Error('no line');
  const until = { ...line, validTo: '2026-11-21' };
  const list = { ...data.otc, lines: new Map([['dipirona', [until]]]) };
  t.match(decide(itemOf(line), line, { list }), { allowed: true, reason: / até 2026-11-21/ }, 'on its last day');
  t.notMatch(decide(itemOf(line), line).reason, / até /, 'one without an end names none');
  const after = { allowed: false, rule: 'fora_de_vigencia', ruleId: line.rule };
  t.match(decide(itemOf(line), line, { list, today: '2026-11-22' }), after);
});

t.test('every over-the-counter item of the starter is in the list, and no other', async (t) => {
  for (const item of starter) {
    const choice = { candidateId: item.id, explanation: '', tag: '', confidence: 'alta' as const };
    const needs = item.medicine ? [...item.indications, 'tabagismo'] : [];
    const [decision] = gate([choice], [item], ground({}, [], needs), data.gate).decisions;
    t.equal(decision?.allowed, item.saleClass === 'venda_livre', `${item.name}: ${decision?.reason}`);
  }
});

t.test('nothing outside the list ever passes', async () => {
  const substance = fc.constantFrom(
    'dipirona',
    'paracetamol',
    'ibuprofeno',
    'amoxicilina',
    'clonazepam',
    'coisa nova',
    'omeprazol',
    '',
  );
  const unit = fc.constantFrom('mg', 'g', 'mcg', 'mg/ml', 'mg/g', '%', 'UI', 'colher');
  const dose = fc.option(fc.record({ value: fc.double({ noNaN: false }), unit }), { nil: null });
  const anything = fc.record({
    name: fc.oneof(fc.string(), fc.constantFrom('Creme de clotrimazol', 'Amoxil', 'Gaze', 'Rivotril 2 mg')),
    tag: fc.constantFrom('dor_generica', 'curativos', 'outros', 'sono_relaxamento_suporte', '__proto__'),
    saleClass: fc.constantFrom(...SALE_CLASSES),
    medicine: fc.boolean(),
    form: fc.option(fc.constantFrom('comprimido', 'gotas', 'injetável', 'creme', 'cápsula', 'nada'), { nil: null }),
    ingredients: fc.array(fc.record({ substance, dose }), { maxLength: 3 }),
    indications: fc.constantFrom(['febre'], ['azia'], [] as string[]),
  });
  fc.assert(
    fc.property(anything, fc.constantFrom('2020-01-01', '2025-11-17', '2025-11-18', TODAY), (drawn, today) => {
      const item = candidate({ ...drawn, substance: null });
      const choice = { candidateId: item.id, explanation: '', tag: '', confidence: 'alta' as const };
      const { items, decisions } = gate([choice], [item], ground({ today }), data.gate);
      const [decision] = decisions;
      if (!decision || decision.allowed !== (items.length === 1)) return false;
      if (!decision.allowed) return decision.reason !== '';
      if (item.saleClass !== 'venda_livre') return false;
      if (!item.medicine) return data.otc.groups.has(item.tag) && !/clotrimazol|amoxil|rivotril/iu.test(item.name);
      // Said again by hand, from the lines themselves.
      return lines.some(
        (line) =>
          line.rule === decision.ruleId &&
          line.validFrom <= today &&
          line.forms.has(data.otc.names.form(item.form ?? '') ?? '') &&
          line.limits.size === new Set(item.ingredients.map((each) => each.substance)).size &&
          item.ingredients.every((each) => {
            const limit = line.limits.get(each.substance);
            if (!limit || !each.dose) return limit === null;
            const factor = { mg: 1, g: 1000, mcg: 0.001, '%': 10 }[each.dose.unit] ?? 1;
            return each.dose.value > 0 && each.dose.value * factor <= limit.value * 1.000001;
          }),
      );
    }),
    { numRuns: 3000 },
  );
});
