import { BaltoError } from '../contracts/index.ts';
import type { Names } from './otc-names.ts';
import type { OtcFiles } from './otc-schema.ts';

/** Where a file of the list lies, for messages. */
export function sourceOf(name: string): string {
  return `config/otc/${name}.json`;
}

/** What a schema cannot say: names that stand in one file and must be known in another. @throws BaltoError `BALTO_PHARMACY_DATA`. */
export function checkFiles(files: OtcFiles, names: Names): void {
  const { linhas } = files.medicamentos;
  const rules = new Set<string>();
  for (const [name, at, rule] of rulesOf(files)) {
    if (rules.has(rule)) throw wrong(name, `${at}.regra`, `a regra ${rule} já existe`);
    rules.add(rule);
  }
  for (const [index, line] of linhas.entries()) {
    const at = `linhas.${index}`;
    if (line.vigente_ate !== null && line.vigente_ate < line.vigente_de) {
      throw wrong('medicamentos', `${at}.vigente_ate`, 'termina antes de começar');
    }
    const form = line.formas.findIndex((each) => names.form(each) === null);
    if (form >= 0) throw wrong('medicamentos', `${at}.formas.${form}`, 'forma que nomes.json não conhece');
  }
  const conditions = new Set(files.situacao.condicoes.map(({ id }) => id));
  const stray = files.contraindicacoes.regras.findIndex(({ condicao }) => !conditions.has(condicao));
  if (stray >= 0) throw wrong('contraindicacoes', `regras.${stray}.condicao`, 'condição que situacao.json não conhece');
  const classes = new Set(files.nomes.substancias.flatMap(({ classes = [] }) => classes));
  for (const [name, at, id] of classesOf(files)) {
    if (!classes.has(id) && names.classes(names.substance(id)).size === 0) {
      throw wrong(name, at, 'classe ou substância que nomes.json não conhece');
    }
  }
}

function* rulesOf(files: OtcFiles): Generator<[file: string, at: string, rule: string]> {
  const lists: [string, string, readonly { regra: string }[]][] = [
    ['medicamentos', 'linhas', files.medicamentos.linhas],
    ['nunca', 'classes_de_venda', files.nunca.classes_de_venda],
    ['nunca', 'formas', files.nunca.formas],
    ['nunca', 'classes_de_substancia', files.nunca.classes_de_substancia],
    ['nao-medicamentos', 'grupos', files['nao-medicamentos'].grupos],
    ['nao-medicamentos', 'palavras', files['nao-medicamentos'].palavras],
    ['interacoes', 'pares', files.interacoes.pares],
    ['contraindicacoes', 'regras', files.contraindicacoes.regras],
    ['sinais-de-alerta', 'sinais', files['sinais-de-alerta'].sinais],
  ];
  for (const [name, key, entries] of lists) {
    for (const [index, { regra }] of entries.entries()) yield [name, `${key}.${index}`, regra];
  }
}

function* classesOf(files: OtcFiles): Generator<[file: string, at: string, id: string]> {
  for (const [index, { a, b }] of files.interacoes.pares.entries()) {
    yield ['interacoes', `pares.${index}.a`, a];
    yield ['interacoes', `pares.${index}.b`, b];
  }
  for (const [index, { classe }] of files.interacoes.falas.entries())
    yield ['interacoes', `falas.${index}.classe`, classe];
  for (const [index, { classe }] of files.nunca.classes_de_substancia.entries()) {
    yield ['nunca', `classes_de_substancia.${index}.classe`, classe];
  }
  for (const [index, { classes = [] }] of files.contraindicacoes.regras.entries()) {
    for (const classe of classes) yield ['contraindicacoes', `regras.${index}.classes`, classe];
  }
}

function wrong(name: string, field: string, what: string): BaltoError {
  return new BaltoError({ code: 'BALTO_PHARMACY_DATA', message: `${sourceOf(name)}: ${field}: ${what}`, field });
}
