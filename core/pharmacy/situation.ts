import type { CatalogueCandidate } from './catalogue.ts';
import type { Names } from './otc-names.ts';
import type { OtcFiles, RedFlagData, SituationData } from './otc-schema.ts';
import type { Phrase } from './phrases.ts';
import { type AgeWords, youngestMonths } from './situation-age.ts';
import { compileSpoken, type Mention, mentionsIn, namesOf } from './situation-medicines.ts';
import { type Denials, Talk, wholePhrase } from './situation-talk.ts';
import { fold } from './text.ts';
import { Vocabulary } from './vocabulary.ts';

export type { Mention } from './situation-medicines.ts';

/** A condition somebody spoke of. */
export interface Condition {
  id: string;
  /** pt-BR, for whoever reads the row. */
  name: string;
  /** How a leaflet calls it. */
  leaflet: readonly Phrase[];
}

/** Something that needs a person, not a product. */
export interface RedFlag {
  rule: string;
  title: string;
  /** What the counter shows. */
  text: string;
}

/** Who is at the counter, as far as it was said: only what keeps things from being offered. */
export interface Situation {
  /** Folded names of the needs spoken of. */
  needs: ReadonlySet<string>;
  /** Age of the youngest person spoken of, in months; null: nobody's age was said. */
  youngestMonths: number | null;
  pregnancy: boolean;
  lactation: boolean;
  conditions: readonly Condition[];
  mentions: readonly Mention[];
  redFlags: readonly RedFlag[];
}

/** What is known beside the words themselves. */
export interface SituationHints {
  needs?: Iterable<string>;
  /** The catalogue's items that the words may name. */
  candidates?: readonly CatalogueCandidate[];
  /** Words (folded) that the transcription was unsure of. */
  unsure?: ReadonlySet<string>;
}

export interface SituationReader {
  /** Reads what was said, oldest first. Pure. */
  read(turns: readonly string[], hints?: SituationHints): Situation;
}

interface CompiledFlag extends RedFlag {
  when: readonly (readonly Phrase[])[];
  exactly: readonly string[];
  except: readonly Phrase[];
  belowMonths: number | null;
  states: readonly ('gravidez' | 'lactacao')[];
  orMedicine: boolean;
}

/** Longest text that is read: a conversation's newest words. */
const MAX_CHARACTERS = 12_000;
/** `estou de cinco meses` */
const MONTHS_ALONG = / (?:to|tou|estou|ta|esta) (?:ja )?de [\p{L}\d]+ (?:mes|meses|semanas?) /u;
const NOBODY: ReadonlySet<string> = new Set();

/** Makes the reader of `config/otc/situacao.json` and `sinais-de-alerta.json`. */
export function compileSituation(
  data: SituationData,
  flags: readonly RedFlagData[],
  classes: OtcFiles['interacoes']['falas'],
  names: Names,
): SituationReader {
  const folded = (texts: readonly string[]) => new Set(texts.map(fold));
  const denials: Denials = {
    before: folded(data.negacoes.antes),
    after: folded(data.negacoes.depois),
    answers: folded(data.negacoes.respostas),
    bridges: folded(data.negacoes.pontes),
    follows: folded(data.negacoes.seguem),
    closes: folded(data.negacoes.fecham),
    doubts: folded(data.negacoes.duvidas),
  };
  const ages: AgeWords = {
    named: data.idades.map(({ falas, meses }) => ({ phrases: falas.map(wholePhrase), months: meses })),
    people: folded(data.pessoas),
    lasting: folded(data.duracoes),
  };
  const conditions = data.condicoes.map(({ id, nome, falas, bula, classes: of = [] }) => ({
    condition: { id, name: nome, leaflet: bula.map(wholePhrase) },
    phrases: falas.map(wholePhrase),
    classes: of,
  }));
  const pregnancy = data.gravidez.map(wholePhrase);
  const pregnancyExactly = data.gravidez_exatas.map(fold);
  const lactation = data.lactacao.map(wholePhrase);
  const lactationExactly = data.lactacao_exatas.map(fold);
  const allergy = data.alergia.map(wholePhrase);
  const spoken = compileSpoken(names, classes);
  const compiled = flags.map(compileFlag);
  const vocabulary = new Vocabulary([
    ...[...ages.named, ...conditions].flatMap(({ phrases }) => phrases),
    ...[...pregnancy, ...lactation, ...allergy],
    ...spoken.map(({ phrase }) => phrase),
    ...compiled.flatMap(({ when, except }) => [...when.flat(), ...except]),
  ]);
  return {
    read(turns, { needs = [], candidates = [], unsure = NOBODY } = {}) {
      const talk = new Talk(turns.join('\n').slice(-MAX_CHARACTERS), denials, vocabulary);
      const mentions = mentionsIn(talk, [...spoken, ...namesOf(candidates, names)], allergy, unsure);
      const used = mentions.filter(({ as }) => as === 'in_use');
      const has = (each: (typeof conditions)[number]) =>
        talk.says(each.phrases) !== null || each.classes.some((id) => used.some(({ classes: of }) => of.has(id)));
      const seen: Omit<Situation, 'redFlags'> = {
        needs: new Set([...needs].map(fold)),
        youngestMonths: youngestMonths(talk, ages),
        pregnancy:
          talk.says(pregnancy) !== null ||
          talk.saysLike(MONTHS_ALONG) ||
          pregnancyExactly.some((words) => talk.saysExactly(words)),
        lactation: talk.says(lactation) !== null || lactationExactly.some((words) => talk.saysExactly(words)),
        conditions: conditions.filter(has).map(({ condition }) => condition),
        mentions,
      };
      const redFlags = compiled
        .filter((flag) => isRaised(flag, talk, seen))
        .map(({ rule, title, text }) => ({ rule, title, text }));
      return { ...seen, redFlags };
    },
  };
}

function compileFlag(flag: RedFlagData): CompiledFlag {
  return {
    rule: flag.regra,
    title: flag.titulo,
    text: flag.texto,
    when: flag.quando.map((group) => group.map(wholePhrase)),
    exactly: (flag.exatas ?? []).map(fold),
    except: (flag.exceto ?? []).map(wholePhrase),
    belowMonths: flag.idade_menor_que_meses ?? null,
    states: flag.situacao ?? [],
    orMedicine: flag.ou_medicamento_citado ?? false,
  };
}

function isRaised(flag: CompiledFlag, talk: Talk, seen: Omit<Situation, 'redFlags'>): boolean {
  const { belowMonths, states, when, exactly, except } = flag;
  if (belowMonths !== null && (seen.youngestMonths === null || seen.youngestMonths >= belowMonths)) return false;
  if (states.length > 0 && !states.some((state) => (state === 'gravidez' ? seen.pregnancy : seen.lactation)))
    return false;
  if (exactly.some((words) => talk.saysExactly(words))) return true;
  if (flag.orMedicine && seen.mentions.some(({ as }) => as === 'in_use')) return true;
  return when.length > 0 && when.every((group) => talk.says(group, except) !== null);
}
