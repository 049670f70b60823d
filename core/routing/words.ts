import type { CompiledRule } from './compile.ts';
import type { ConditionName, Conditions, Moment, Verdict, Windows } from './conditions.ts';
import type { PlannedStep } from './plan.ts';
import type { Range } from './rule.ts';
import type { StepFate } from './walk.ts';

/** What rules ask and what became of them, in pt-BR. */

const DAYS = ['segunda', 'terça', 'quarta', 'quinta', 'sexta', 'sábado', 'domingo'];
const EVERY_DAY = 0b1111111;

const NAMES: Record<ConditionName, string> = {
  durationMs: 'duração',
  snrDb: 'relação sinal-ruído',
  class: 'classe do som',
  clock: 'dia e hora',
  counterTags: 'etiquetas do balcão',
  budgetLeft: 'orçamento que resta',
};

/** `duração de 5000 ms ou mais` */
export function conditionInWords(conditions: Conditions, name: ConditionName): string {
  return `${NAMES[name]} ${stated(conditions, name)}`;
}

function stated(conditions: Conditions, name: ConditionName): string {
  switch (name) {
    case 'clock':
      return conditions.clock ? windowsInWords(conditions.clock) : '';
    case 'class':
    case 'counterTags':
      return `entre ${(conditions[name] ?? []).join(', ')}`;
    default:
      return rangeInWords(conditions[name] ?? {}, name);
  }
}

/** `6200 ms`; of what is not known, why. */
export function valueInWords(name: ConditionName, { facts, wall, counterTags, budgetLeft }: Moment): string {
  switch (name) {
    case 'clock':
      return `${DAYS[wall.weekday] ?? ''}, ${clock(wall.minute)}`;
    case 'counterTags':
      return counterTags.length > 0 ? counterTags.join(', ') : 'nenhuma';
    case 'budgetLeft':
      return budgetLeft === null ? 'sem orçamento' : amount(budgetLeft, name);
    default: {
      if (!facts) return 'só se conhece no fim da fala';
      const value = facts[name];
      return value === null ? 'não foi medida' : typeof value === 'string' ? value : amount(value, name);
    }
  }
}

/** What became of a rule or list, as a sentence without its full stop. */
export function fateInWords(step: PlannedStep, fate: StepFate, holds: Verdict): string {
  const what = step.rule ? `a regra "${step.id}"` : listInWords(step);
  switch (fate) {
    case 'no':
      return `${what} não vale`;
    case 'excluded':
      return `${what} não vale: ${step.excluded ?? ''}`;
    case 'ignored':
      return `${what} não se aplica: pergunta pela fala, e para modelos ela não se conhece`;
    case 'waits':
      return `${what} só se decide no fim da fala`;
    case 'void':
      return `${what} só se decidiria no fim da fala, mas não tem candidato que possa ser usado`;
    case 'passed':
      return `${what} vale, mas não tem candidato que possa ser usado`;
    case 'taken':
      return step.outcome.use.length > 0 ? `${what} decide` : `${what} decide que ninguém serve`;
    case 'after':
      return `${what} ${holds === 'no' ? 'não vale' : 'não chega a vez'}`;
  }
}

function listInWords({ layer }: PlannedStep): string {
  switch (layer) {
    case 'counter':
      return 'a lista do balcão';
    case 'client':
      return 'a lista do cliente';
    case 'global':
      return 'a lista geral';
    default:
      return 'a lista do ambiente';
  }
}

/** A rule's constraints; empty without any. */
export function constraintsInWords({ must, mustNot }: CompiledRule): string[] {
  return [...must.map((tag) => `exige ${tag}`), ...mustNot.map((tag) => `proíbe ${tag}`)];
}

function rangeInWords({ min, max }: Range, name: ConditionName): string {
  const parts = [
    ...(min === undefined ? [] : [`de ${amount(min, name)} ou mais`]),
    ...(max === undefined ? [] : [`abaixo de ${amount(max, name)}`]),
  ];
  return parts.length > 0 ? parts.join(' e ') : 'qualquer';
}

function amount(value: number, name: ConditionName): string {
  if (name === 'durationMs') return `${Math.round(value)} ms`;
  const digits = value.toLocaleString('pt-BR', { maximumFractionDigits: 1 });
  return name === 'snrDb' ? `${digits} dB` : `${(value * 100).toLocaleString('pt-BR', { maximumFractionDigits: 1 })} %`;
}

function windowsInWords({ weekdays, hours }: Windows): string {
  const days = DAYS.filter((_, day) => (weekdays & (1 << day)) !== 0).join(', ');
  const times = hours
    .map(({ from, to }) => `das ${clock(from)} às ${to > 1440 ? clock(to - 1440) : clock(to)}`)
    .join(' ou ');
  return `${weekdays === EVERY_DAY ? 'todo dia' : days || 'dia nenhum'}, ${times}`;
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
