import { ageRefusal, commonRefusal, leafletRefusal, pharmacistRefusal, togetherRefusal } from './gate-common.ts';
import { namedIn } from './gate-names.ts';
import { type Ground, isUnder, type Refusal, refuse, type Verdict, type Weighed } from './gate-rules.ts';
import { fold, foldedWords } from './text.ts';

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

/** A substance that is not known to stand in what is no medicine; null: none. */
function drugIn({ candidate, substances }: Weighed, { list }: Ground): string | null {
  const column = (candidate.substance ?? '').split(/[;+]/u).filter((part) => fold(part) !== '');
  const held = [...namedIn(candidate.name, list), ...substances, ...column.map((part) => list.names.substance(part))];
  return held.find((each) => !list.harmlessNames.has(each)) ?? null;
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
