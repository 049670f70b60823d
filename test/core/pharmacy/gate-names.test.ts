import t from 'tap';
import type { CatalogueCandidate } from '../../../core/pharmacy/catalogue.ts';
import { explanationFault } from '../../../core/pharmacy/explanation.ts';
import { gate } from '../../../core/pharmacy/gate.ts';
import { namedIn } from '../../../core/pharmacy/gate-names.ts';
import { candidate, data, ground, starter } from './support.ts';

function decide(more: Partial<CatalogueCandidate>) {
  const item = candidate(more);
  const choice = { candidateId: item.id, explanation: '', tag: '', confidence: 'alta' as const };
  return gate([choice], [item], ground(), data.gate).decisions[0];
}
const plain = { medicine: false, tag: 'curativos', substance: null, ingredients: [], form: null };
const tablet = (substance: string, mg: number) => ({
  substance: null,
  form: 'comprimido',
  ingredients: [{ substance, dose: { value: mg, unit: 'mg' } }],
});

t.test('a medicine filed as something else is known, however its name is written', async (t) => {
  for (const name of [
    'Pregabalina 75 mg',
    'LYRICA',
    'Rivotril2mg',
    'Rivo\u200btril',
    'Rivotril\u00ad',
    'Ｒｉｖｏｔｒｉｌ',
    'Amoxicilinas',
    'Amoxilina 500',
    'Azitromissina',
    'Clonazepan gotas',
    'Amoxicilina+Clavulanato',
    'Kit com dexametasona e gaze',
  ]) {
    t.match(decide({ ...plain, name }), { rule: 'parece_medicamento', allowed: false }, name);
  }
  for (const name of [
    'Gaze estéril',
    'Creme de ureia 10%',
    'Seringa de insulina',
    'Vitamina D 2000 UI',
    'Melatonina',
  ]) {
    t.match(decide({ ...plain, name }), { allowed: true }, name);
  }
});

t.test('a substance that nobody listed makes it a medicine', async (t) => {
  const dose = { value: 75, unit: 'mg' };
  for (const more of [
    { substance: 'coisa nova' },
    { substance: 'ureia; coisa nova' },
    { ingredients: [{ substance: 'coisa nova', dose }] },
  ]) {
    t.match(decide({ ...plain, name: 'Gaze', ...more }), { rule: 'parece_medicamento', allowed: false });
  }
  const vitamin = { ...plain, tag: 'vitaminas_minerais', name: 'Vitamina C', substance: 'ácido ascórbico' };
  t.match(decide(vitamin), { allowed: true, ruleId: 'nm-suplementos' });
  t.match(decide({ ...plain, name: 'Creme', substance: 'ureia + ; glicerina' }), { allowed: true });
});

t.test('a name that no product has', async (t) => {
  for (const name of [
    '',
    '\u200b\u200b',
    '123',
    'Rivоtril',
    'Gaze 好',
    'Gaze https://loja.example/x',
    'Gaze WWW.loja.example',
    'Gaze loja.com.br',
    'Gaze tome 2 comprimidos',
    'Gaze 3 vezes ao dia',
    'Gaze de 8 em 8 horas',
    'Gaze a cada 6 horas',
  ]) {
    t.match(decide({ ...plain, name }), { rule: 'nome_improprio', allowed: false }, name);
  }
  for (const name of ['Gaze c/ 10 un.', 'ABS.COM ABAS', 'Água micelar 200 ml', 'Ômega-3 1.000 mg', 'Gaze Ω 5µm']) {
    t.not(decide({ ...plain, name })?.rule, 'nome_improprio', name);
  }
});

t.test('a medicine whose name or column says more than its composition', async (t) => {
  const one = tablet('paracetamol', 500);
  for (const more of [
    { name: 'Rivotril' },
    { name: 'Paracetamol com codeína' },
    { name: 'Dorflex' },
    { name: 'Alívio', substance: 'codeína; paracetamol' },
    { name: 'Alívio', substance: 'PARACETAMOL;COISA NOVA' },
    { name: 'Alívio', substance: 'amoxicilina' },
    { name: 'Alívio', ingredients: [...one.ingredients, { substance: 'acetaminofeno', dose: null }] },
  ]) {
    t.match(decide({ ...one, ...more }), { rule: 'composicao_duvidosa', allowed: false }, JSON.stringify(more));
  }
  for (const more of [
    { name: 'Paracetamol 500 mg' },
    { name: 'Tylenol' },
    { name: 'Alívio', substance: 'ACETAMINOFENO' },
    { name: 'Alívio', substance: ' ; paracetamol' },
  ]) {
    t.match(decide({ ...one, ...more }), { allowed: true }, JSON.stringify(more));
  }
});

t.test('a dose in the name counts as well', async (t) => {
  const dipyrone = tablet('dipirona', 500);
  for (const name of [
    'Novalgina 1 g',
    'Dipirona 1.000 mg',
    'Dipirona 500 mg + 600 mg',
    'Dipirona 1g',
    'Dipirona 0,6 G',
  ]) {
    t.match(decide({ ...dipyrone, name }), { rule: 'dose_acima', ruleId: 'mip-dipirona-comprimido' }, name);
  }
  for (const name of [
    'Dipirona 500 mg',
    'Dipirona 0,5 g c/ 20',
    'Dipirona 500mg 10 comp',
    'Dipirona 1 gota',
    'Dipirona',
  ]) {
    t.match(decide({ ...dipyrone, name }), { allowed: true }, name);
  }
  const ointment = {
    name: 'Pomada de óxido de zinco 45 g',
    substance: null,
    form: 'pomada',
    ingredients: [{ substance: 'óxido de zinco', dose: { value: 200, unit: 'mg/g' } }],
  };
  t.match(decide(ointment), { allowed: true }, 'the weight of a tube is no dose');
});

t.test('what the starter sells freely is named for what it is', async (t) => {
  for (const { name, saleClass, medicine } of starter) {
    if (saleClass !== 'venda_livre' || medicine) continue;
    const strange = namedIn(name, data.otc).filter((each) => !data.otc.harmlessNames.has(each));
    t.same(strange, [], name);
  }
  const again = namedIn('Rivotril2mg', data.otc);
  t.equal(namedIn('Rivotril2mg', data.otc), again, 'looked at once');
});

t.test('no claim of safety, infection or prescription stands in an explanation', async (t) => {
  for (const text of [
    'Ajuda a dormir com calmante',
    'Ajuda a aliviar a dor no peito',
    'Combate a infecção da garganta',
    'Ajuda sem receita',
    'Ajuda e é seguro para bebê',
  ]) {
    t.equal(explanationFault(text, data.gate.words, ['Gaze estéril']), 'palavra_desconhecida', text);
  }
});
