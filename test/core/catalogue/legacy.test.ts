import t from 'tap';
import { legacyItems } from '../../../core/catalogue/legacy-items.ts';
import { legacyEntries } from '../../../core/catalogue/legacy-shapes.ts';
import type { RowIssue } from '../../../core/catalogue/rows.ts';
import type { CatalogueCandidate } from '../../../core/pharmacy/catalogue.ts';
import { loadPharmacyData } from '../../../core/pharmacy/data.ts';
import { LegacyItems } from '../../../core/pharmacy/legacy-item.ts';
import type { ProductInput } from '../../../core/store/product-rows.ts';
import { ask } from '../pharmacy/support.ts';

const { starter, otc, gate } = loadPharmacyData();
const judge = new LegacyItems(starter, otc, gate, '2026-11-21');

function imported(file: unknown) {
  const { format, entries } = legacyEntries(JSON.stringify(file));
  const products: ProductInput[] = [];
  const report: RowIssue[] = [];
  for (const { product, issues } of legacyItems(entries, judge)) {
    if (product) products.push(product);
    report.push(...issues);
  }
  return { format, products, report };
}

t.test('what the list allows by name alone is kept, the rest is not, and each says its rule', async (t) => {
  for (const [name, kept, rule] of [
    ['Dipirona 500 mg comprimido', true, 'mip-dipirona-comprimido'],
    ['Dipirona 1 g comprimido', false, 'mip-dipirona-comprimido'],
    ['Dipirona comprimido', false, 'mip-dipirona-comprimido'],
    ['Dipirona 500mg', false, 'sem_forma'],
    ['Losartana 50 mg comprimido', false, /.+/],
    ['Pomada antibiótica', false, 'candidato_desconhecido'],
    ['Curativo antibiótico', false, 'candidato_desconhecido'],
    ['Gaze com neomicina', false, /.+/],
    ['Rivotril 2mg', false, /.+/],
    ['Produto que ninguém conhece', false, 'candidato_desconhecido'],
    ['Gaze estéril', true, /^nm-/],
    ['Protetor solar FPS 30', true, /^nm-/],
  ] as const) {
    t.match(judge.judge(name), { kept, rule }, name);
  }
});

t.test('a name that holds a medicine’s is never taken for something harmless', async (t) => {
  for (const { nome, medicamento } of starter.itens) {
    if (medicamento) continue;
    for (const drug of ['losartana', 'amoxicilina', 'clonazepam', 'prednisona', 'salbutamol']) {
      t.equal(judge.judge(`${nome} ${drug}`).kept, false, `${nome} ${drug}`);
    }
  }
});

t.test('produtos.json: each product once, with its needs', async (t) => {
  const { format, products, report } = imported([
    { produto: 'Gaze estéril', indicacao: ['ferida', 'corte'] },
    { produto: ' gaze  ESTERIL', indicacao: ['queimadura'] },
    { produto: 'Losartana 50mg', indicacao: ['pressão alta'] },
    { produto: 7 },
    'gaze',
  ]);
  t.equal(format, 'produtos');
  t.match(products, [
    { code: 'original-gaze-esteril', name: 'Gaze estéril', indications: ['ferida', 'corte', 'queimadura'] },
  ]);
  t.match(report, [
    { row: 4, code: 'vazio', kept: null },
    { row: 5, code: 'vazio', kept: null },
    { row: 1, kept: true, item: 'Gaze estéril', message: /2 vezes/ },
    { row: 3, kept: false, item: 'Losartana 50mg' },
  ]);
});

t.test('baskets: macro and micro are the needs; explanations stay behind', async (t) => {
  const { format, products } = imported({
    fallback_macro_default: { PELE_FERIDAS: [{ sugestao: 'Gaze estéril', explicacao: 'Cura tudo' }] },
    cestas_por_macro_micro: { PELE_FERIDAS: { corte_leve: [{ sugestao: 'Micropore', explicacao: 'x' }] } },
  });
  t.equal(format, 'cestas');
  t.match(products, [
    { name: 'Gaze estéril', indications: ['pele feridas'] },
    { name: 'Micropore', indications: ['pele feridas', 'corte leve'] },
  ]);
  t.notMatch(JSON.stringify(products), /Cura tudo/);
});

t.test('the lookup: what a product was suggested beside, and for what', async (t) => {
  const { format, products } = imported({
    insulina_ferida_diabetes: [{ produto: 'Gaze estéril', explicacao: 'x' }],
    insulina_default: [{ produto: 'Algodão', explicacao: 'x' }],
    insulina_corte_default: [{ produto: 'Micropore', explicacao: 'x' }],
  });
  t.equal(format, 'consulta');
  t.match(products, [
    { name: 'Gaze estéril', goesWith: ['insulina'], indications: ['ferida', 'diabetes'] },
    { name: 'Algodão', goesWith: ['insulina'], indications: [] },
    { name: 'Micropore', goesWith: ['insulina'], indications: ['corte'] },
  ]);
});

t.test(
  'the lookup’s most specific key is offered first: medicine, symptom and illness, then medicine and symptom, then medicine',
  async (t) => {
    const { products } = imported({
      losartana_default: [{ produto: 'Algodão', explicacao: 'x' }],
      losartana_tontura_default: [{ produto: 'Micropore', explicacao: 'x' }],
      losartana_tontura_hipertensao: [{ produto: 'Gaze estéril', explicacao: 'x' }],
    });
    const own = products.map((product, index) => ({
      ...{ id: index + 1, own: true, name: product.name, tag: product.tag ?? 'outros', saleClass: product.saleClass },
      ...{ medicine: product.medicine ?? false, substance: product.substance ?? null, form: null, ingredients: [] },
      ...{ indications: product.indications ?? [], synonyms: [], goesWith: product.goesWith ?? [] },
      ...{ source: 's', version: null, leaflet: null, score: 0.1 },
    })) as CatalogueCandidate[];
    const order = async (text: string) =>
      (await ask(text, { retrieve: async () => own })).items.map(({ name }) => name);
    t.equal((await order('vim buscar a losartana, é hipertensão, e ando com tontura'))[0], 'Gaze estéril');
    t.equal((await order('vim buscar a losartana, ando com tontura'))[0], 'Micropore');
    t.equal((await order('vim buscar a losartana'))[0], 'Algodão');
  },
);

t.test('hostile keys are only words', async (t) => {
  const { products } = imported(JSON.parse('{"__proto___constructor": [{"produto": "Algodão"}]}'));
  t.same(
    products.map(({ name }) => name),
    ['Algodão'],
  );
  t.throws(() => legacyEntries('[]'), { code: 'BALTO_IMPORT_JSON' });
  t.throws(() => legacyEntries('null'), { code: 'BALTO_IMPORT_JSON' });
});
