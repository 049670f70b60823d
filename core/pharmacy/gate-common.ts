import { counted } from '../counted.ts';
import { type Ground, mentionKeys, type Refusal, type Weighed } from './gate-rules.ts';
import { excerptNames, isUnderLeafletAge } from './leaflet-words.ts';
import { wholePhrase } from './situation-talk.ts';
import { foldedWords } from './text.ts';
import { blockedBy, minimumAge, pharmacistFor } from './tightening.ts';

/** What keeps anything back, medicine or not; null: nothing does. */
export function commonRefusal({ candidate, substances }: Weighed, ground: Ground, ruleId: string): Refusal | null {
  const { tightening } = ground;
  const blocked = blockedBy(tightening, candidate, substances, ruleId);
  if (blocked) return { rule: 'restricao', ruleId: blocked.id, reason: `restrição do farmacêutico: ${blocked.kind}` };
  return null;
}

/** Too young for the rule, or for what a pharmacist asks beyond it. */
export function ageRefusal(
  { candidate }: Weighed,
  { situation, tightening }: Ground,
  rule: { id: string; minAgeYears: number },
): Refusal | null {
  const { years, restriction } = minimumAge(tightening, rule.minAgeYears, rule.id, candidate.medicine);
  if (situation.youngestMonths === null || situation.youngestMonths >= years * 12) return null;
  return {
    rule: 'idade',
    ruleId: restriction?.id ?? rule.id,
    reason: `só a partir de ${counted(years, 'ano', 'anos')}${restriction ? ', por restrição do farmacêutico' : ''}`,
  };
}

/** The last question: whether a person is to be asked for instead. */
export function pharmacistRefusal(
  { candidate, substances }: Weighed,
  { tightening }: Ground,
  ruleId: string,
): Refusal | null {
  const asked = pharmacistFor(tightening, candidate, substances, ruleId);
  return asked && { rule: 'exige_farmaceutico', ruleId: asked.id, reason: 'o farmacêutico pediu para ser chamado' };
}

/** A leaflet that names a condition, an age or a medicine that was spoken of. */
export function leafletRefusal({ candidate }: Weighed, { situation }: Ground): Refusal | null {
  const { leaflet } = candidate;
  if (!leaflet) return null;
  const version = leaflet.version ? `, versão ${leaflet.version}` : '';
  const because = (what: string): Refusal => ({ rule: 'bula', ruleId: null, reason: `a bula${version} ${what}` });
  for (const [field, excerpt] of [
    ['contraindicação', leaflet.contraindication],
    ['advertência', leaflet.warnings],
  ] as const) {
    const condition = excerpt && situation.conditions.find((each) => excerptNames(excerpt, each.leaflet));
    if (condition) return because(`traz em ${field}: ${condition.name}`);
  }
  if (leaflet.contraindication && isUnderLeafletAge(leaflet.contraindication, situation.youngestMonths)) {
    return because('contraindica pela idade');
  }
  const { interactions } = leaflet;
  const mention =
    interactions &&
    situation.mentions.find(
      ({ as, name, substances }) =>
        as === 'in_use' && excerptNames(interactions, [name, ...substances].map(wholePhrase)),
    );
  return mention ? because('traz interação com medicamento citado') : null;
}

/** What one item's substances mean beside the medicines that were spoken of, and beside what stands on the card already. */
export function togetherRefusal(item: Weighed, ground: Ground, shown: readonly Weighed[]): Refusal | null {
  return (
    doubtRefusal(item, ground) ??
    mentionedRefusal(item, ground) ??
    interactionRefusal(item, ground, shown) ??
    repeatedRefusal(item, shown)
  );
}

/** Nobody knows what a badly heard name is: no medicine beside it, nothing that goes with it. */
function doubtRefusal({ candidate }: Weighed, { situation }: Ground): Refusal | null {
  const doubtful = situation.mentions.find(
    ({ certain, name }) =>
      !certain &&
      (candidate.medicine ||
        candidate.goesWith.some((each) => foldedWords(each).join(' ') === foldedWords(name).join(' '))),
  );
  return doubtful
    ? { rule: 'nome_ouvido_com_duvida', ruleId: null, reason: 'um nome de medicamento foi ouvido com dúvida' }
    : null;
}

function mentionedRefusal({ substances, keys }: Weighed, { situation }: Ground): Refusal | null {
  for (const mention of situation.mentions) {
    const same = mention.substances.find((each) => substances.includes(each));
    const related = mention.as === 'allergy' && [...mention.classes].some((each) => keys.has(each));
    if (mention.as === 'allergy' && (same || related)) {
      return { rule: 'alergia', ruleId: null, reason: `alergia ou intolerância citada: ${mention.name}` };
    }
    if (same) return { rule: 'substancia_repetida', ruleId: null, reason: `${same} já foi citada na conversa` };
  }
  return null;
}

function interactionRefusal(item: Weighed, { list, situation }: Ground, shown: readonly Weighed[]): Refusal | null {
  const others = [
    ...situation.mentions
      .filter(({ as }) => as === 'in_use')
      .map((each) => ({ keys: mentionKeys(each), name: each.name })),
    ...shown.map(({ keys, candidate }) => ({ keys, name: candidate.name })),
  ];
  for (const other of others) {
    const pair = list.pairs.find(
      ({ a, b }) => (item.keys.has(a) && other.keys.has(b)) || (item.keys.has(b) && other.keys.has(a)),
    );
    if (pair) return { rule: 'interacao', ruleId: pair.rule, reason: `com ${other.name}: ${pair.reason}` };
  }
  return null;
}

function repeatedRefusal({ substances }: Weighed, shown: readonly Weighed[]): Refusal | null {
  const same = substances.find((each) => shown.some((other) => other.substances.includes(each)));
  return same ? { rule: 'substancia_repetida', ruleId: null, reason: `${same} já está no cartão` } : null;
}

/** Conditions spoken of that one of its substances must not meet. */
export function conditionRefusal({ keys }: Weighed, { list, situation }: Ground): Refusal | null {
  for (const { id, name } of situation.conditions) {
    const rule = list.contraindications.get(id)?.find(({ of }) => [...of].some((each) => keys.has(each)));
    if (rule) return { rule: 'contraindicacao', ruleId: rule.rule, reason: `${name}: ${rule.reason}` };
  }
  return null;
}

/** The class the catalogue gives it, and the form, whatever else is known. */
export function neverRefusal({ candidate }: Weighed, { list }: Ground): Refusal | null {
  const { saleClass } = candidate;
  if (saleClass !== 'venda_livre') {
    const known = list.neverClass.get(saleClass);
    return {
      rule: 'classe_de_venda',
      ruleId: known?.rule ?? null,
      reason: `classe ${saleClass}: ${known?.reason ?? 'não pode ser sugerida no balcão'}`,
    };
  }
  const form = candidate.form === null ? null : list.names.form(candidate.form);
  const never = form === null ? undefined : list.neverForm.get(form);
  return never ? { rule: 'nunca_oferecer', ruleId: never.rule, reason: never.reason } : null;
}
