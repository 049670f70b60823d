import t from 'tap';
import { isAtMost } from '../../../core/pharmacy/otc-dose.ts';

/** Whether `dose` is at most `limit`, both as a label writes them. */
function atMost(dose: string, limit: string): boolean | null {
  const [value = '', ...unit] = dose.split(' ');
  const [most = '', ...of] = limit.split(' ');
  return isAtMost({ value: Number(value), unit: unit.join(' ') }, { value: Number(most), unit: of.join(' ') });
}

t.test('every unit a label uses, in its base', async (t) => {
  for (const [dose, limit, expected] of [
    ['0.000001 kg', '1 mg', true],
    ['0.000002 kg', '1 mg', false],
    ['1 ug', '0.001 mg', true],
    ['2 ug', '0.001 mg', false],
    ['2 µg', '0.001 mg', false],
    ['2 μg', '0.001 mg', false],
    ['1 u', '1 ui', true],
    ['2 u', '1 ui', false],
    ['1 UI', '1 u', true],
    ['500 mg/l', '0.5 mg/ml', true],
    ['501 mg/l', '0.5 mg/ml', false],
    ['1 g/l', '1 mg/ml', true],
    ['10 ui/2ml', '5 ui/ml', true],
    ['11 ui/2ml', '5 ui/ml', false],
    ['25 mg/2.5ml', '10 mg/ml', true],
    ['26 mg/2,5ml', '10 mg/ml', false],
    ['100 mg/10ml', '10 mg/ml', true],
    ['101 mg/10ml', '10 mg/ml', false],
    ['25 mg/0.25 ml', '100 mg/ml', true],
    ['26 mg/0.25 ml', '100 mg/ml', false],
    ['20 mg/2g', '10 mg/g', true],
    ['21 mg/2g', '10 mg/g', false],
    ['10 mg  /  ml', '10 mg/ml', true],
    ['1 g/100 ml', '10 mg/ml', true],
    ['1 mg/ml', '1 %', true],
    ['10 mg/ml', '1 %', true],
    ['11 mg/ml', '1 %', false],
    ['1 %', '1 %', true],
    ['1.1 %', '1 %', false],
  ] as const) {
    t.equal(atMost(dose, limit), expected, `${dose} ≤ ${limit}`);
  }
});

t.test('what cannot be compared is not', async (t) => {
  for (const [dose, limit] of [
    ['1 %', '10 mg'],
    ['10 mg', '1 %'],
    ['1 %', '10 ui/ml'],
    ['10 ui/ml', '1 %'],
    ['1 mg/ml', '10 ui/ml'],
    ['1 mg/g', '10 mg/ml'],
    ['1 mg/ml', '10 mg/g'],
    ['1 mg', '10 mg/g'],
    ['1 ui', '10 mg'],
    ['1 ml', '10 mg'],
    ['1 mg/ml/dia', '10 mg/ml'],
    ['1 mg/dose', '10 mg'],
    ['1 mg/dose', '10 mg/ml'],
    ['1 mg/ui', '10 mg/ml'],
    ['1 mg/', '10 mg'],
    ['1 mg/2', '10 mg/ml'],
    ['1 mg/ml2', '10 mg/ml'],
    ['1 mg/x2ml', '10 mg/ml'],
    ['1 mg/2.xml', '10 mg/ml'],
    ['1 /ml', '10 mg/ml'],
    ['1 ', '10 mg'],
    ['1 mg/0ml', '10 mg/ml'],
    ['1 mg', '0 mg'],
    ['1 mg', '10 colher'],
  ] as const) {
    t.equal(atMost(dose, limit), null, `${dose} ≤ ${limit}`);
  }
});

t.test('what a division left over is forgiven, and nothing that can be told apart', async (t) => {
  t.equal(isAtMost({ value: 0.1 + 0.2, unit: 'mg' }, { value: 0.3, unit: 'mg' }), true);
  t.equal(isAtMost({ value: 0.3001, unit: 'mg' }, { value: 0.3, unit: 'mg' }), false);
  t.equal(isAtMost({ value: Number.POSITIVE_INFINITY, unit: 'mg' }, { value: 1, unit: 'mg' }), null);
});
