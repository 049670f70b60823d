import { counted } from '../counted.ts';
import {
  ageRefusal,
  commonRefusal,
  conditionRefusal,
  leafletRefusal,
  pharmacistRefusal,
  togetherRefusal,
} from './gate-common.ts';
import { compositionRefusal, nameFits } from './gate-names.ts';
import { type Ground, type Refusal, refuse, type Verdict, type Weighed } from './gate-rules.ts';
import { type Line, substancesKey } from './otc.ts';
import { isAtMost } from './otc-dose.ts';

/**
 * A medicine passes by a line of the list, and by nothing else: the same substances, one of its forms, doses at most the
 * line's, on a day it holds, for a need that was spoken of; then for whoever it is said to be for. What is not known of it
 * keeps it back.
 */
export function weighMedicine(item: Weighed, ground: Ground, shown: readonly Weighed[]): Verdict {
  const matched = matchLines(item, ground);
  if ('refusal' in matched) return matched;
  const { lines } = matched;
  for (const line of lines) {
    const common = commonRefusal(item, ground, line.rule);
    if (common) return { refusal: common };
  }
  const [first] = lines;
  const ofAge = lines.find((line) => ageRefusal(item, ground, { id: line.rule, ...line }) === null);
  if (!first) return refuse('fora_da_lista', null, 'nenhuma linha da lista');
  if (!ofAge) return { refusal: ageRefusal(item, ground, { id: first.rule, ...first }) as Refusal };
  const refusal = personRefusal(item, ground, shown) ?? pharmacistRefusal(item, ground, ofAge.rule);
  if (refusal) return { refusal };
  const until = ofAge.validTo === null ? '' : ` até ${ofAge.validTo}`;
  return {
    permission: {
      ruleId: ofAge.rule,
      reason: `linha ${ofAge.rule}, vigente desde ${ofAge.validFrom}${until}; no máximo ${counted(ofAge.maxDays, 'dia', 'dias')} de uso`,
    },
  };
}

/** Who is at the counter, and what else they use. */
function personRefusal(item: Weighed, ground: Ground, shown: readonly Weighed[]): Refusal | null {
  const { situation } = ground;
  if (situation.pregnancy)
    return { rule: 'gravidez', ruleId: null, reason: 'medicamento na gravidez: só com o farmacêutico' };
  if (situation.lactation) {
    return { rule: 'lactacao', ruleId: null, reason: 'medicamento na amamentação: só com o farmacêutico' };
  }
  return conditionRefusal(item, ground) ?? togetherRefusal(item, ground, shown) ?? leafletRefusal(item, ground);
}

/** The lines that hold for it; each step says what it failed at. */
function matchLines(item: Weighed, ground: Ground): { lines: Line[] } | { refusal: Refusal } {
  const { list, today, situation } = ground;
  const { candidate, substances } = item;
  if (substances.length === 0) return refuse('sem_principio_ativo', null, 'princípio ativo não informado');
  for (const key of item.keys) {
    const never = list.neverSubstanceClass.get(key);
    if (never) return refuse('nunca_oferecer', never.rule, never.reason);
  }
  const ofSubstances = list.lines.get(substancesKey(substances)) ?? [];
  if (ofSubstances.length === 0)
    return refuse('fora_da_lista', null, 'nenhuma linha da lista traz este princípio ativo');
  const doubtful = compositionRefusal(item, ground);
  if (doubtful) return { refusal: doubtful };
  if (candidate.form === null) return refuse('sem_forma', null, 'forma farmacêutica não informada');
  const form = list.names.form(candidate.form);
  const ofForm = ofSubstances.filter(({ forms }) => form !== null && forms.has(form));
  if (ofForm.length === 0) return refuse('outra_forma', ofSubstances[0]?.rule ?? null, 'forma fora da linha');
  const ofDose = ofForm.filter((line) => doseFits(item, ground, line));
  if (ofDose.length === 0) return doseRefusal(item, ground, ofForm);
  const inForce = ofDose.filter(
    ({ validFrom, validTo }) => validFrom <= today && (validTo === null || today <= validTo),
  );
  if (inForce.length === 0) return refuse('fora_de_vigencia', ofDose[0]?.rule ?? null, 'a linha não vale nesta data');
  const forNeed = inForce.filter(({ indications }) => [...situation.needs].some((need) => indications.has(need)));
  if (forNeed.length === 0) {
    return refuse(
      'outra_indicacao',
      inForce[0]?.rule ?? null,
      'nenhuma necessidade dita está entre as indicações da linha',
    );
  }
  return { lines: forNeed };
}

function doseFits({ candidate }: Weighed, { list }: Ground, line: Line): boolean {
  const { limits } = line;
  if (!nameFits(candidate.name, line)) return false;
  return candidate.ingredients.every(({ substance, dose }) => {
    const limit = limits.get(list.names.substance(substance));
    if (limit === null) return true;
    return limit !== undefined && dose !== null && isAtMost(dose, limit) === true;
  });
}

/** A dose that is not known, or not in comparable units, is said to be so. */
function doseRefusal({ candidate }: Weighed, { list }: Ground, lines: readonly Line[]): { refusal: Refusal } {
  const ruleId = lines[0]?.rule ?? null;
  const known = lines.some(({ limits }) =>
    candidate.ingredients.every(({ substance, dose }) => {
      const limit = limits.get(list.names.substance(substance));
      return limit === null || (limit !== undefined && dose !== null && isAtMost(dose, limit) !== null);
    }),
  );
  return known
    ? refuse('dose_acima', ruleId, 'dose acima da linha')
    : refuse('sem_dose', ruleId, 'dose não informada ou em unidade que não se compara');
}
