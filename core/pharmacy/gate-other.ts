import { ageRefusal, commonRefusal, leafletRefusal, pharmacistRefusal, togetherRefusal } from './gate-common.ts';
import { type Ground, isUnder, type Refusal, refuse, type Verdict, type Weighed } from './gate-rules.ts';
import { foldedWords } from './text.ts';

/**
 * What is no medicine passes by the simpler list: its tag's group, the age, pregnancy and nursing. A medicine that a
 * catalogue calls something else is known by its substances and its name.
 */
export function weighOther(item: Weighed, ground: Ground, shown: readonly Weighed[]): Verdict {
  const { candidate } = item;
  const { list, situation } = ground;
  const disguised = drugIn(item, ground);
  if (disguised) return refuse('parece_medicamento', null, `traz ${disguised}, mas não está como medicamento`);
  const group = list.groups.get(candidate.tag);
  if (!group) return refuse('fora_da_lista', null, `a tag ${candidate.tag} não está na lista de não medicamentos`);
  const { rule } = group;
  const common = commonRefusal(item, ground, rule);
  if (common) return { refusal: common };
  const notForThem = ageRefusal(item, ground, { id: rule, ...group }) ?? wordRefusal(item, ground);
  if (notForThem) return { refusal: notForThem };
  if (situation.pregnancy && !group.pregnancy) return refuse('gravidez', rule, 'não sem o farmacêutico na gravidez');
  if (situation.lactation && !group.lactation) return refuse('lactacao', rule, 'não sem o farmacêutico na amamentação');
  const refusal =
    togetherRefusal(item, ground, shown) ?? leafletRefusal(item, ground) ?? pharmacistRefusal(item, ground, rule);
  if (refusal) return { refusal };
  return { permission: { ruleId: rule, reason: `não medicamento, grupo ${rule}` } };
}

/** A substance that only medicines hold; null: none. */
function drugIn({ candidate, substances }: Weighed, { list }: Ground): string | null {
  const named = list.names.within(`${candidate.name} . ${candidate.substance ?? ''}`);
  const drugs = [...named, ...substances.filter((each) => isDrug(each, list))];
  return drugs.find((each) => !list.harmlessNames.has(each)) ?? null;
}

function isDrug(substance: string, { names }: Ground['list']): boolean {
  return names.within(substance).length > 0;
}

function wordRefusal({ candidate }: Weighed, { list, situation }: Ground): Refusal | null {
  const named = new Set(foldedWords(candidate.name));
  for (const { rule, words, minAgeYears, conditions, reason } of list.words) {
    if (![...words].some((word) => named.has(word))) continue;
    if (isUnder(situation.youngestMonths, minAgeYears)) return { rule: 'idade', ruleId: rule, reason };
    if (situation.conditions.some(({ id }) => conditions.has(id)))
      return { rule: 'contraindicacao', ruleId: rule, reason };
  }
  return null;
}
