import { readFileSync } from 'node:fs';
import t from 'tap';
import { loadOtc } from '../../../core/pharmacy/otc.ts';
import { isAtMost } from '../../../core/pharmacy/otc-dose.ts';
import { data } from './support.ts';

type Json = Record<string, unknown>;

const files = new Map<string, string>();
const read = (name: string): Json => {
  const text = files.get(name) ?? readFileSync(new URL(`../../../config/otc/${name}`, import.meta.url), 'utf8');
  files.set(name, text);
  return JSON.parse(text) as Json;
};
/** The list with one file changed. */
const loadWith = (name: string, change: (file: never) => void) =>
  loadOtc((wanted) => {
    const file = read(wanted);
    if (wanted === name) change(file as never);
    return file;
  });

t.test('the version names the newest date, and no two lists share one', async (t) => {
  t.match(data.otc.version, /^2026-11-22-[0-9a-f]{8}$/);
  t.equal(loadOtc(read).version, data.otc.version);
  const other = loadWith('medicamentos.json', (file: { linhas: Json[] }) => {
    (file.linhas[0] as Json)['dias_maximos'] = 2;
  });
  t.not(other.version, data.otc.version);
});

t.test('what is wrong is refused, with file and field', async (t) => {
  const line = (change: Json) => (file: { linhas: Json[] }) => Object.assign(file.linhas[3] as Json, change);
  for (const [name, change, field] of [
    ['medicamentos.json', line({ idade_minima_anos: -1 }), 'linhas.3.idade_minima_anos'],
    ['medicamentos.json', line({ vigente_de: '2026-13-01' }), 'linhas.3.vigente_de'],
    ['medicamentos.json', line({ vigente_ate: '2020-01-01' }), 'linhas.3.vigente_ate'],
    ['medicamentos.json', line({ regra: 'mip-dipirona-comprimido' }), 'linhas.3.regra'],
    ['medicamentos.json', line({ formas: ['comprimido', 'bolha'] }), 'linhas.3.formas.1'],
    ['medicamentos.json', line({ conferido: true }), 'linhas.3'],
    ['medicamentos.json', (file: Json) => delete file['revisao'], ''],
    [
      'contraindicacoes.json',
      (file: { regras: Json[] }) => Object.assign(file.regras[0] as Json, { condicao: 'x' }),
      'regras.0.condicao',
    ],
    [
      'interacoes.json',
      (file: { pares: Json[] }) => Object.assign(file.pares[2] as Json, { b: 'nada disso' }),
      'pares.2.b',
    ],
    [
      'nunca.json',
      (file: { classes_de_venda: Json[] }) => Object.assign(file.classes_de_venda[0] as Json, { classe_venda: 'x' }),
      'classes_de_venda.0.classe_venda',
    ],
  ] as const) {
    const load = () => loadWith(name, change as never);
    t.throws(load, { code: 'BALTO_PHARMACY_DATA', message: new RegExp(`config/otc/${name}`) }, `${name} ${field}`);
    try {
      load();
    } catch (error) {
      t.ok(
        String((error as { field?: string }).field ?? '').startsWith(field),
        `${field}: ${(error as Error).message}`,
      );
    }
  }
});

t.test('an unknown dose is an exception only with its reason', async (t) => {
  const strip = (file: { linhas: { substancias: Json[] }[] }) => {
    for (const { substancias } of file.linhas) for (const each of substancias) delete each['sem_dose'];
  };
  t.throws(() => loadWith('medicamentos.json', strip as never), { code: 'BALTO_PHARMACY_DATA' });
});

t.test('every file says where it comes from and that a pharmacist must review it', async (t) => {
  for (const name of [
    'medicamentos',
    'nunca',
    'nao-medicamentos',
    'nomes',
    'interacoes',
    'contraindicacoes',
    'situacao',
    'sinais-de-alerta',
  ]) {
    const file = read(`${name}.json`);
    t.ok(String(file['fonte']).length > 20, name);
    t.match(file['revisao'], /farmacêutico/, name);
  }
});

t.test('every line is of a need that the lexicon hears, but for those it does not know yet', async (t) => {
  const known = new Set(data.lexicon.needs.map(({ name }) => name));
  const { linhas } = read('medicamentos.json') as { linhas: { regra: string; indicacoes: string[] }[] };
  const deaf = linhas.filter(({ indicacoes }) => !indicacoes.some((each) => known.has(each))).map(({ regra }) => regra);
  t.same(deaf, ['mip-nicotina-adesivo']);
});

t.test('substances and forms by all their names', async (t) => {
  const { names } = data.otc;
  for (const [text, name] of [
    ['DIPIRONA MONOIDRATADA', 'dipirona'],
    ['Cloridrato de fenilefrina', 'fenilefrina'],
    ['BUTILBROMETO DE ESCOPOLAMINA', 'escopolamina'],
    ['losartana potássica', 'losartana'],
    ['diclofenaco dietilamônio', 'diclofenaco'],
    ['cloreto de sódio', 'cloreto de sodio'],
    ['fosfato de sódio', 'fosfato de sodio'],
    ['coisa nova', 'coisa nova'],
  ] as const) {
    t.equal(names.substance(text), name, text);
  }
  t.equal(names.form('Comprimido Revestido'), 'comprimido');
  t.equal(names.form('gotas'), 'solucao oral');
  t.equal(names.form('bolha'), null);
  t.same(names.within('Novalgina 1 g'), ['dipirona']);
  t.same(names.within('Dorflex'), ['dipirona', 'orfenadrina']);
});

t.test('doses are compared in their base units, or not at all', async (t) => {
  for (const [value, unit, most, of, expected] of [
    [500, 'mg', 0.5, 'g', true],
    [501, 'mg', 0.5, 'g', false],
    [1, 'g', 999, 'mg', false],
    [1000, 'mcg', 1, 'mg', true],
    [100, 'mg/5ml', 20, 'mg/ml', true],
    [101, 'mg/5 mL', 20, 'mg/ml', false],
    [1, '%', 10, 'mg/g', true],
    [1.01, '%', 10, 'mg/ml', false],
    [10, 'mg/g', 1, '%', true],
    [10, 'mg/g', 10, 'mg/ml', null],
    [10, 'mg', 10, 'mg/ml', null],
    [100, 'UI', 100, 'ui', true],
    [10, 'colheres', 10, 'mg', null],
    [10, 'mg/ml/dia', 10, 'mg', null],
    [Number.NaN, 'mg', 10, 'mg', null],
    [-1, 'mg', 10, 'mg', null],
    [0, 'mg', 10, 'mg', null],
    [10, 'mg/0ml', 10, 'mg/ml', null],
  ] as const) {
    t.equal(isAtMost({ value, unit }, { value: most, unit: of }), expected, `${value} ${unit} ≤ ${most} ${of}`);
  }
});

t.test('what one file names, another has to know; where it does not, the field is named', async (t) => {
  const fieldOf = (name: string, change: (file: never) => void) => {
    try {
      loadWith(name, change);
    } catch (error) {
      return (error as { field?: string }).field;
    }
    return null;
  };
  type Lists = Record<string, Json[]>;
  const put = (list: string, index: number, change: Json) => (file: Lists) =>
    void Object.assign(file[list]?.[index] as Json, change);
  for (const [name, change, field] of [
    ['medicamentos.json', put('linhas', 0, { formas: ['bolha'] }), 'linhas.0.formas.0'],
    ['medicamentos.json', put('linhas', 0, { vigente_de: '2025-01-02', vigente_ate: '2025-01-02' }), null],
    [
      'medicamentos.json',
      put('linhas', 0, { vigente_de: '2025-01-02', vigente_ate: '2025-01-01' }),
      'linhas.0.vigente_ate',
    ],
    ['medicamentos.json', put('linhas', 0, { vigente_ate: '2030-01-01' }), null],
    ['nunca.json', put('formas', 0, { regra: 'nunca-opioide' }), 'classes_de_substancia.1.regra'],
    ['nunca.json', put('classes_de_substancia', 0, { classe: 'nada' }), 'classes_de_substancia.0.classe'],
    ['interacoes.json', put('pares', 1, { a: 'nada' }), 'pares.1.a'],
    ['interacoes.json', put('pares', 1, { a: 'ibuprofeno', b: 'advil' }), 'pares.1.b'],
    ['interacoes.json', put('pares', 1, { a: 'ibuprofeno', b: 'Metamizol' }), null],
    ['interacoes.json', put('falas', 0, { classe: 'nada' }), 'falas.0.classe'],
    ['interacoes.json', put('pares', 0, { regra: 'mip-dipirona-comprimido' }), 'pares.0.regra'],
    ['contraindicacoes.json', put('regras', 1, { classes: ['nada'] }), 'regras.1.classes'],
    ['contraindicacoes.json', put('regras', 1, { regra: 'ci-asma-aine' }), 'regras.1.regra'],
    ['sinais-de-alerta.json', put('sinais', 1, { regra: 'alerta-dor-no-peito' }), 'sinais.1.regra'],
    ['nao-medicamentos.json', put('palavras', 0, { regra: 'nm-sono' }), 'palavras.0.regra'],
  ] as const) {
    t.equal(fieldOf(name, change as never), field, `${name} ${field}`);
  }
});
