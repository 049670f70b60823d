import { createHash } from 'node:crypto';
import type { SaleClass } from './catalogue.ts';
import { checkFiles, sourceOf } from './otc-checks.ts';
import { compileNames, type Names } from './otc-names.ts';
import { OTC_FILES, type OtcFiles, type OtcLine } from './otc-schema.ts';
import { parseData } from './parse.ts';
import { compileSituation, type SituationReader } from './situation.ts';
import { fold } from './text.ts';

/** Why something is never offered. */
export interface Never {
  rule: string;
  reason: string;
}

/** One line of the list, ready to be compared; `limit` null: an exception, its dose is not compared. */
export interface Line {
  rule: string;
  limits: ReadonlyMap<string, { value: number; unit: string } | null>;
  forms: ReadonlySet<string>;
  /** Folded names of the needs it is for. */
  indications: ReadonlySet<string>;
  minAgeYears: number;
  maxDays: number;
  validFrom: string;
  validTo: string | null;
  source: string;
  /** Somebody held it against the official text. */
  checked: boolean;
}

/** A group of what is no medicine. */
export interface OtherGroup {
  rule: string;
  minAgeYears: number;
  pregnancy: boolean;
  lactation: boolean;
}

/** What may be offered over the counter, and what keeps it from being offered: dated data, compiled once. */
export interface OtcList {
  /** Newest date of the files and a digest of all of them: no two different lists share one. */
  version: string;
  names: Names;
  /** By {@link substancesKey}. */
  lines: ReadonlyMap<string, readonly Line[]>;
  neverClass: ReadonlyMap<SaleClass, Never>;
  neverForm: ReadonlyMap<string, Never>;
  neverSubstanceClass: ReadonlyMap<string, Never>;
  groups: ReadonlyMap<string, OtherGroup>;
  words: readonly {
    rule: string;
    words: ReadonlySet<string>;
    minAgeYears: number;
    conditions: ReadonlySet<string>;
    reason: string;
  }[];
  /** Substances whose name may stand in the name of what is no medicine. */
  harmlessNames: ReadonlySet<string>;
  /** `a` and `b`: a class, or a substance's canonical name. */
  pairs: readonly { rule: string; a: string; b: string; reason: string }[];
  contraindications: ReadonlyMap<string, readonly { rule: string; of: ReadonlySet<string>; reason: string }[]>;
  situation: SituationReader;
}

/** Names a set of substances, whatever their order. */
export function substancesKey(substances: Iterable<string>): string {
  return [...new Set(substances)].sort().join(' + ');
}

/** Every rule id with what it says, in the order of the files: what a pharmacist reads and may tighten. */
export function ruleIds(list: OtcList): ReadonlySet<string> {
  return new Set([
    ...[...list.lines.values()].flat().map(({ rule }) => rule),
    ...[...list.groups.values()].map(({ rule }) => rule),
  ]);
}

/**
 * The files of `config/otc/`. `read` gives one by its name, parsed. @throws BaltoError `BALTO_PHARMACY_DATA` naming file and
 * field: what has the wrong shape, a rule id used twice, a name that no other file knows, a line that ends before it begins.
 */
export function loadOtc(read: (name: string) => unknown): OtcList {
  const files = Object.fromEntries(
    Object.entries(OTC_FILES).map(([name, schema]) => [name, parseData(schema, read(`${name}.json`), sourceOf(name))]),
  ) as OtcFiles;
  const names = compileNames(files.nomes);
  checkFiles(files, names);
  const others = files['nao-medicamentos'];
  return {
    version: versionOf(files),
    names,
    lines: compileLines(files.medicamentos.linhas, names),
    neverClass: new Map(files.nunca.classes_de_venda.map((each) => [each.classe_venda, never(each)])),
    neverForm: new Map(files.nunca.formas.map((each) => [fold(each.forma), never(each)])),
    neverSubstanceClass: new Map(files.nunca.classes_de_substancia.map((each) => [each.classe, never(each)])),
    groups: new Map(others.grupos.flatMap((group) => group.tags.map((tag) => [tag, toGroup(group)] as const))),
    words: others.palavras.map(({ regra, palavras, idade_minima_anos, condicoes = [], motivo }) => ({
      rule: regra,
      words: new Set(palavras.map(fold)),
      minAgeYears: idade_minima_anos,
      conditions: new Set(condicoes),
      reason: motivo,
    })),
    harmlessNames: new Set(
      others.palavras_de_medicamento.excecoes.map(({ substancia }) => names.substance(substancia)),
    ),
    pairs: files.interacoes.pares.map(({ regra, a, b, motivo }) => ({
      rule: regra,
      a: knownAs(a, names),
      b: knownAs(b, names),
      reason: motivo,
    })),
    contraindications: Map.groupBy(
      files.contraindicacoes.regras.map((rule) => toContraindication(rule, names)),
      ({ condition }) => condition,
    ),
    situation: compileSituation(files.situacao, files['sinais-de-alerta'].sinais, files.interacoes.falas, names),
  };
}

function versionOf(files: OtcFiles): string {
  const newest = Object.values(files).reduce((latest, { versao }) => (versao > latest ? versao : latest), '');
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex');
  return `${newest}-${digest.slice(0, 8)}`;
}

function never({ regra, motivo }: { regra: string; motivo: string }): Never {
  return { rule: regra, reason: motivo };
}

/** A class by its id, a substance by any of its names. */
function knownAs(text: string, names: Names): string {
  const substance = names.substance(text);
  return names.classes(substance).size > 0 ? substance : text;
}

function toGroup(group: OtcFiles['nao-medicamentos']['grupos'][number]): OtherGroup {
  return {
    rule: group.regra,
    minAgeYears: group.idade_minima_anos,
    pregnancy: group.gravidez === 'permite',
    lactation: group.lactacao === 'permite',
  };
}

function toContraindication(rule: OtcFiles['contraindicacoes']['regras'][number], names: Names) {
  const substances = (rule.substancias ?? []).map((each) => names.substance(each));
  return {
    rule: rule.regra,
    condition: rule.condicao,
    of: new Set([...(rule.classes ?? []), ...substances]),
    reason: rule.motivo,
  };
}

function compileLines(lines: readonly OtcLine[], names: Names): ReadonlyMap<string, readonly Line[]> {
  const compiled = lines.map((line): [string, Line] => {
    const limits = new Map(
      line.substancias.map(
        ({ nome, ate }) => [names.substance(nome), ate && { value: ate.valor, unit: ate.unidade }] as const,
      ),
    );
    const forms = line.formas.map((form) => names.form(form) ?? fold(form));
    return [
      substancesKey(limits.keys()),
      {
        rule: line.regra,
        limits,
        forms: new Set(forms),
        indications: new Set(line.indicacoes.map(fold)),
        minAgeYears: line.idade_minima_anos,
        maxDays: line.dias_maximos,
        validFrom: line.vigente_de,
        validTo: line.vigente_ate,
        source: line.fonte,
        checked: line.conferida,
      },
    ];
  });
  const byKey = Map.groupBy(compiled, ([key]) => key);
  return new Map([...byKey].map(([key, entries]) => [key, entries.map(([, line]) => line)]));
}
