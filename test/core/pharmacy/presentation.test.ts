import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import t from 'tap';
import { brazilianNumber, readIngredient, readPresentation } from '../../../core/pharmacy/presentation.ts';
import { classCode, parseClasses, saleClassOf, tagOfClass } from '../../../core/pharmacy/sale-class.ts';

const classes = parseClasses(
  JSON.parse(await readFile(new URL('../../../config/therapeutic-classes.json', import.meta.url), 'utf8')),
  'config/therapeutic-classes.json',
);

t.test('one substance: dose and form of the presentation are its own', async (t) => {
  for (const [presentation, form, value, unit] of [
    ['500 MG COM CT BL AL PLAS INC X 20', 'comprimido', 500, 'mg'],
    ['750 MG COM REV CT BL AL PLAS TRANS X 20', 'comprimido revestido', 750, 'mg'],
    ['1 G COM EFERV CT 5 STR AL X 2', 'comprimido efervescente', 1000, 'mg'],
    ['200 MG/ML SOL OR CT FR GOT PLAS OPC X 15 ML', 'solução oral', 200, 'mg/ml'],
    ['250 MG/5 ML PO SUS OR CT FR VD TRANS X 150 ML', 'pó para suspensão oral', 50, 'mg/ml'],
    ['20 MG CAP DURA LIB RETARD CT BL AL PVC TRANS X 14', 'cápsula de liberação retardada', 20, 'mg'],
    ['50.000 UI CAP MOLE CT BL AL PLAS OPC X 4', 'cápsula', 50_000, 'UI'],
    ['100 MCG COM CT BL AL PLAS INC X 28', 'comprimido', 100, 'mcg'],
    ['10 MG/G CREM DERM CT BG AL X 40 G', 'creme', 10, 'mg/g'],
    ['0,9 % SOL NAS CT FR PLAS X 30 ML', 'solução nasal', 0.9, '%'],
    ['0.125 MG COM CT BL X 30', 'comprimido', 0.125, 'mg'],
    ['1.000 MG COM REV CT BL X 10', 'comprimido revestido', 1000, 'mg'],
    ['40 MG/ML XPE CT FR VD AMB X 100 ML', 'xarope', 40, 'mg/ml'],
    ['500 MG\u00a0COM CT BL X 4', 'comprimido', 500, 'mg'],
  ] as const) {
    const read = readPresentation(presentation, 'DIPIRONA MONOIDRATADA');
    t.equal(read.form, form, presentation);
    t.same(read.ingredients, [{ substance: 'DIPIRONA MONOIDRATADA', dose: { value, unit } }], presentation);
    t.equal(read.isInjectable, false, presentation);
  }
});

t.test('several substances: the list tells no order, so a dose is nobody’s unless all are alike', async (t) => {
  const grip = readPresentation(
    '(400 + 4 + 4) MG CAP DURA CT BL X 20',
    'MALEATO DE CLORFENIRAMINA;PARACETAMOL;CLORIDRATO DE FENILEFRINA',
  );
  t.same(
    grip.ingredients.map(({ dose }) => dose),
    [null, null, null],
    'paracetamol is the 400, and it stands second',
  );
  t.equal(grip.strength, '400 + 4 + 4 mg');
  t.same(
    readPresentation('250 MG + 250 MG COM CT BL X 4', 'A;B').ingredients.map(({ dose }) => dose?.value),
    [250, 250],
  );
  t.same(readPresentation('500 MG COM CT BL X 4', 'A;B').ingredients, [
    { substance: 'A', dose: null },
    { substance: 'B', dose: null },
  ]);
  t.same(
    readPresentation('100 MG COM REV + 200 MG COM REV CT BL X 28', 'A').ingredients,
    [{ substance: 'A', dose: null }],
    'two kinds of tablets in one box',
  );
});

t.test('what is injected is seen by form, route or package', async (t) => {
  for (const presentation of [
    '20 MG SOL INJ CT 5 AMP VD TRANS X 1 ML',
    '(4,0 + 500,0) MG/ML SOL INJ IV/IM CT 3 AMP VD AMB X 5 ML',
    '38,5 MCG PO LIOF SOL INJ CT FA VD TRANS + 1 FA SOL ESTABIL X 10 ML',
    '10 MG/ML SOL DIL INFUS IV CT FA VD AMB X 45 ML',
    '100 MG/ML SOL CT 2 SER PREENC VD TRANS X 0,4 ML',
  ]) {
    t.match(readPresentation(presentation, 'A'), { isInjectable: true, form: 'injetável' }, presentation);
  }
  t.equal(readPresentation('5 MG/ML SOL INAL CT 10 AMP X 2 ML', 'A').isInjectable, false);
});

t.test('what is not understood is not known', async (t) => {
  t.same(readPresentation('', ''), { form: null, isInjectable: false, ingredients: [], strength: null });
  t.same(readPresentation('EMBALAGEM 12', 'A').ingredients, [{ substance: 'A', dose: null }]);
  t.equal(readPresentation('12 COM CT BL', 'A').ingredients[0]?.dose, null, 'a number without a unit is no dose');
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => void readPresentation(a, b))),
  );
});

t.test('a composition that names each dose is taken at its word', async (t) => {
  t.same(readIngredient('cafeína 65 mg'), { substance: 'cafeína', dose: { value: 65, unit: 'mg' } });
  t.same(readIngredient('vitamina B12 5 mg/ml'), { substance: 'vitamina B12', dose: { value: 5, unit: 'mg/ml' } });
  t.same(readIngredient('cafeína'), { substance: 'cafeína', dose: null });
  t.equal(readIngredient('65 mg'), null);
  for (const [text, number] of [
    ['1.234,5', 1234.5],
    ['0.125', 0.125],
    ['2.5', 2.5],
    ['12', 12],
  ] as const) {
    t.equal(brazilianNumber(text), number, text);
  }
  for (const text of ['', '1e5', '0x10', '-3', 'abc']) t.ok(Number.isNaN(brazilianNumber(text)), text);
});

t.test('free only where the source says so and nothing speaks against it', async (t) => {
  const silent = {
    stripe: null,
    declared: null,
    therapeuticClass: null,
    isInjectable: false,
    isHospitalOnly: false,
  } as const;
  for (const [facts, saleClass] of [
    [{}, 'desconhecida'],
    [{ stripe: '- (*) ' }, 'desconhecida'],
    [{ stripe: 'Sem informações de tarja (*)' }, 'desconhecida'],
    [{ stripe: 'Não' }, 'desconhecida'],
    [{ stripe: 'Tarja Sem Tarja' }, 'venda_livre'],
    [{ stripe: 'Venda Livre/Sem Tarja (*)' }, 'venda_livre'],
    [{ stripe: 'Tarja  Vermelha (**)' }, 'tarja_vermelha'],
    [{ stripe: 'Tarja Vermelha sob restrição' }, 'tarja_vermelha'],
    [{ stripe: 'Tarja Preta(*)' }, 'tarja_preta'],
    [{ stripe: 'Tarja Sem Tarja', isHospitalOnly: true }, 'desconhecida'],
    [{ stripe: 'Tarja Sem Tarja', isInjectable: true }, 'injetavel'],
    [{ stripe: 'Tarja Sem Tarja', therapeuticClass: 'J1G' }, 'antimicrobiano'],
    [{ stripe: 'Tarja Vermelha', declared: 'venda_livre' }, 'tarja_vermelha'],
    [{ stripe: 'Tarja Sem Tarja', declared: 'desconhecida' }, 'desconhecida'],
    [{ declared: 'venda_livre' }, 'venda_livre'],
  ] as const) {
    t.equal(saleClassOf({ ...silent, ...facts }, classes), saleClass, JSON.stringify(facts));
  }
});

t.test('therapeutic classes: one code for both spellings, a category for the counter', async (t) => {
  for (const [text, code, tag] of [
    ['J1G1 - FLUORQUINOLONAS ORAIS', 'J1G', 'outros'],
    ['N02BE01', 'N2B', 'dor_generica'],
    ['A10B - ANTIDIABÉTICOS', 'A10B', 'endocrino_metabolico'],
    ['A14A - ANABÓLICOS', 'A14A', 'outros'],
    ['C5B - VARIZES', 'C5B', 'circulacao_suporte'],
    ['- (*)', null, 'outros'],
  ] as const) {
    t.equal(classCode(text), code, text);
    t.equal(tagOfClass(code, classes), tag, text);
  }
});
