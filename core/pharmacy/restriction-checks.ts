import { BaltoError } from '../contracts/index.ts';
import { counted } from '../counted.ts';
import { type OtcList, ruleIds } from './otc.ts';
import { TAGS } from './tags.ts';
import { MAX_RESTRICTIONS, RESTRICTION_KINDS, type Restriction, type RestrictionKind } from './tightening.ts';

/** A restriction as it is asked for. */
export interface AskedRestriction {
  kind: string;
  target: string;
  minAgeYears: number | null;
}

/**
 * Holds a new restriction against the list and against those there are. Whatever is not one of the kinds that take away, and
 * an age that is not above the list's, would loosen. @throws BaltoError `BALTO_RESTRICTION_LOOSENS`, `BALTO_RESTRICTION_TARGET`
 * (422), `BALTO_RESTRICTION_EXISTS`, `BALTO_RESTRICTION_TOO_MANY` (409), each naming the field.
 */
export function checkRestriction(
  asked: AskedRestriction,
  existing: readonly Restriction[],
  list: OtcList,
): asserts asked is AskedRestriction & { kind: RestrictionKind } {
  const { kind, target, minAgeYears } = asked;
  if (!RESTRICTION_KINDS.includes(kind as RestrictionKind)) {
    throw refused(
      'LOOSENS',
      'kind',
      `só se pode restringir (${RESTRICTION_KINDS.join(', ')}); não há como liberar nem aumentar o que a lista permite`,
    );
  }
  checkTarget(kind as RestrictionKind, target, list);
  if (kind === 'idade_minima') checkAge(target, minAgeYears, list);
  else if (minAgeYears !== null) throw refused('TARGET', 'minAgeYears', 'só vale com kind "idade_minima"');
  const same = existing.find((each) => each.kind === kind && each.target === target);
  if (same && (same.minAgeYears ?? 0) >= (minAgeYears ?? 0)) {
    throw refused('EXISTS', 'target', 'já há uma restrição igual ou mais rígida', 409);
  }
  if (existing.length >= MAX_RESTRICTIONS) {
    throw refused('TOO_MANY', 'target', `no máximo ${MAX_RESTRICTIONS} restrições por cliente`, 409);
  }
}

function checkTarget(kind: RestrictionKind, target: string, list: OtcList): void {
  const isRule = ruleIds(list).has(target);
  if (kind === 'produto' && !/^[1-9]\d{0,9}$/u.test(target))
    throw refused('TARGET', 'target', 'o id de um produto, em dígitos');
  if (kind === 'tag' && !TAGS.has(target)) throw refused('TARGET', 'target', 'não há essa tag');
  if (kind === 'regra' && !isRule) throw refused('TARGET', 'target', 'não há essa regra na lista');
  if (kind === 'idade_minima' && target !== '*' && !isRule)
    throw refused('TARGET', 'target', 'uma regra da lista, ou *');
  const isSubstance = list.names.classes(list.names.substance(target)).size > 0 || list.names.within(target).length > 0;
  if (kind === 'substancia' && !isSubstance)
    throw refused('TARGET', 'target', 'substância que config/otc/nomes.json não conhece');
  if (kind === 'farmaceutico' && target !== '*' && !isRule && !TAGS.has(target) && !isSubstance) {
    throw refused('TARGET', 'target', 'uma substância, tag ou regra da lista, ou *');
  }
}

function checkAge(target: string, minAgeYears: number | null, list: OtcList): void {
  if (minAgeYears === null) throw refused('TARGET', 'minAgeYears', 'diga a idade mínima, em anos');
  const lines = [...[...list.lines.values()].flat(), ...list.groups.values()];
  const listed = lines.find(({ rule }) => rule === target)?.minAgeYears ?? 0;
  if (minAgeYears <= listed) {
    throw refused('LOOSENS', 'minAgeYears', `a lista já pede ${counted(listed, 'ano', 'anos')}: só se pode elevar`);
  }
}

function refused(code: string, field: string, message: string, statusCode = 422): BaltoError {
  return new BaltoError({ code: `BALTO_RESTRICTION_${code}`, field, message: `${field}: ${message}`, statusCode });
}
