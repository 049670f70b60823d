import t from 'tap';
import { gate } from '../../../core/pharmacy/gate.ts';
import type { Ground } from '../../../core/pharmacy/gate-rules.ts';
import { type Restriction, type RestrictionKind, tighteningOf } from '../../../core/pharmacy/tightening.ts';
import { answer, ask, candidate, data, ground, idOf, item, modelThatSays, otc, starter } from './support.ts';

/** Decisions on starter items, by name, after this was said. */
function decide(names: string[], said: string, more: Partial<Ground> = {}, candidates = starter) {
  const choices = names.map((name) => ({
    candidateId: candidates.find((each) => each.name === name)?.id ?? idOf(name),
    explanation: '',
    tag: '',
    confidence: 'alta' as const,
  }));
  return gate(choices, candidates, ground(more, [said]), data.gate);
}

const IBUPROFEN = 'Ibuprofeno comprimido';
const PARACETAMOL = 'Paracetamol comprimido';

t.test('what was said keeps a medicine back, with the rule that says so', async (t) => {
  for (const [name, said, rule, ruleId] of [
    [IBUPROFEN, 'tomo marevan', 'interacao', 'int-aine-anticoagulante'],
    [IBUPROFEN, 'tomo remédio para afinar o sangue', 'interacao', 'int-aine-anticoagulante'],
    [IBUPROFEN, 'não tomo marevan', 'venda_livre', 'mip-ibuprofeno'],
    [IBUPROFEN, 'tenho asma', 'contraindicacao', 'ci-asma-aine'],
    [IBUPROFEN, 'acho que é dengue', 'contraindicacao', 'ci-dengue-aine'],
    [PARACETAMOL, 'acho que é dengue', 'venda_livre', 'mip-paracetamol-comprimido'],
    [IBUPROFEN, 'já tomei ibuprofeno', 'substancia_repetida', null],
    [IBUPROFEN, 'já tomei advil', 'substancia_repetida', null],
    ['Dipirona gotas', 'sou alérgica a dipirona', 'alergia', null],
    [IBUPROFEN, 'sou alérgica a aspirina', 'alergia', null],
    [PARACETAMOL, 'sou alérgica a aspirina', 'venda_livre', 'mip-paracetamol-comprimido'],
    ['Antigripal', 'tenho pressão alta', 'contraindicacao', 'ci-hipertensao-vasoconstritor'],
    ['Dimenidrinato comprimido', 'tomo rivotril', 'interacao', 'int-sedativo-sedativo'],
    [PARACETAMOL, 'é para uma menina de 8 anos', 'idade', 'mip-paracetamol-comprimido'],
    ['Pomada para assadura com óxido de zinco', 'o neném está assado', 'venda_livre', 'mip-oxido-zinco'],
    [PARACETAMOL, 'tomo lozartana', 'nome_ouvido_com_duvida', null],
    [PARACETAMOL, 'não quero engordar', 'venda_livre', 'mip-paracetamol-comprimido'],
    ['Mel com própolis', 'é para um bebê de 8 meses', 'idade', 'nm-mel'],
    ['Melatonina', 'tenho 18 anos', 'idade', 'nm-sono'],
    ['Melatonina', 'tenho 19 anos', 'venda_livre', 'nm-sono'],
    ['Vitamina C 1g', 'estou grávida', 'gravidez', 'nm-suplementos'],
    ['Vitamina C 1g', 'estou amamentando', 'lactacao', 'nm-suplementos'],
    [PARACETAMOL, 'estou amamentando', 'lactacao', null],
    ['Óleo corporal para estrias', 'estou grávida', 'venda_livre', 'nm-gestacao'],
    ['Gaze estéril', 'tomo lozartana', 'venda_livre', 'nm-curativos'],
    ['Monitor de pressão arterial', 'tomo lozartana', 'nome_ouvido_com_duvida', null],
    ['Monitor de pressão arterial', 'tomo losartana', 'venda_livre', 'nm-equipamentos'],
    ['Gaze estéril', 'estou com dor no peito', 'sinal_de_alerta', 'alerta-dor-no-peito'],
  ] as const) {
    t.match(decide([name], said).decisions, [{ rule, ruleId, allowed: rule === 'venda_livre' }], `${name}: ${said}`);
  }
});

t.test('two items of one card: no substance twice, no pair that does not go together', async (t) => {
  const names = (...wanted: string[]) => decide(wanted, '').decisions.map(({ rule }) => rule);
  t.same(names(PARACETAMOL, 'Antigripal'), ['venda_livre', 'substancia_repetida']);
  t.same(names(IBUPROFEN, 'Gel de diclofenaco'), ['venda_livre', 'interacao']);
  t.same(names('Dimenidrinato comprimido', 'Passiflora fitoterápico'), ['venda_livre', 'interacao']);
});

t.test('a pair holds whichever of the two is offered', async (t) => {
  const dose = { value: 500, unit: 'mg' };
  const aspirin = candidate({
    name: 'AAS',
    substance: null,
    ingredients: [{ substance: 'ácido acetilsalicílico', dose }],
  });
  t.match(decide(['AAS'], 'bom dia', {}, [aspirin]).decisions[0], { rule: 'venda_livre', ruleId: 'mip-aas' });
  t.match(decide(['AAS'], 'tomo omeprazol', {}, [aspirin]).decisions[0], { ruleId: 'int-ibp-antiagregante' });
});

t.test('a leaflet that names what was spoken of', async (t) => {
  const leaflet = {
    indication: null,
    contraindication: 'Não use em caso de glaucoma. Contraindicado para menores de 15 anos.',
    warnings: 'Pacientes com epilepsia devem falar com o médico.',
    interactions: 'Pode interagir com alopurinol.',
    url: null,
    version: '3',
  };
  const one = candidate({ leaflet });
  const rule = (said: string) => decide([one.name], said, {}, [one]).decisions[0];
  t.match(rule('tenho glaucoma'), { rule: 'bula', reason: /versão 3 .*contraindicação: glaucoma/ });
  t.match(rule('tenho epilepsia'), { rule: 'bula', reason: /advertência/ });
  t.match(rule('tomo zyloric e alopurinol'), { rule: 'bula', reason: /interação/ });
  t.match(rule('ela tem 14 anos'), { rule: 'bula', reason: /idade/ });
  t.match(rule('ela tem 15 anos'), { rule: 'venda_livre' });
  t.match(rule('tenho diabetes'), { rule: 'venda_livre' });
  const children = candidate({ leaflet: { ...leaflet, contraindication: 'Não deve ser usado por crianças.' } });
  t.match(decide([children.name], 'ela tem 12 anos', {}, [children]).decisions[0], { rule: 'venda_livre' });
});

t.test('a medicine that the catalogue calls something else is known by name and substance', async (t) => {
  for (const more of [
    { name: 'Creme de clotrimazol' },
    { name: 'Rivotril natural' },
    { substance: 'amoxicilina' },
    { ingredients: [{ substance: 'Cloridrato de sertralina', dose: null }] },
  ]) {
    const disguised = candidate({
      medicine: false,
      tag: 'curativos',
      name: 'Gaze',
      substance: null,
      ingredients: [],
      ...more,
    });
    t.match(decide([disguised.name], '', {}, [disguised]).decisions[0], { rule: 'parece_medicamento', allowed: false });
  }
  const stray = candidate({ medicine: false, tag: 'dor_cabeca', name: 'Coisa', substance: null, ingredients: [] });
  t.match(decide(['Coisa'], '', {}, [stray]).decisions[0], { rule: 'fora_da_lista', allowed: false });
});

const restriction = (kind: RestrictionKind, target: string, minAgeYears: number | null = null): Restriction => ({
  id: 'r1',
  kind,
  target,
  minAgeYears,
  why: 'teste',
  by: 'admin:1',
  at: '2026-11-21T12:00:00Z',
});
const tightened = (...items: Restriction[]) => ({ tightening: tighteningOf({ items }, data.otc.names) });

t.test('a restriction takes away, and only that', async (t) => {
  const paracetamol = String(idOf(PARACETAMOL));
  for (const [kind, target, minAge, said, rule] of [
    ['produto', paracetamol, null, '', 'restricao'],
    ['produto', '1', null, '', 'venda_livre'],
    ['substancia', 'Acetaminofeno', null, '', 'restricao'],
    ['tag', 'dor_generica', null, '', 'restricao'],
    ['regra', 'mip-paracetamol-comprimido', null, '', 'restricao'],
    ['regra', 'mip-ibuprofeno', null, '', 'venda_livre'],
    ['idade_minima', 'mip-paracetamol-comprimido', 16, 'ela tem 15 anos', 'idade'],
    ['idade_minima', '*', 16, 'ela tem 15 anos', 'idade'],
    ['idade_minima', '*', 16, 'ela tem 16 anos', 'venda_livre'],
    ['idade_minima', '*', 1, 'ela tem 11 anos', 'idade'],
    ['farmaceutico', 'paracetamol', null, '', 'exige_farmaceutico'],
    ['farmaceutico', '*', null, '', 'exige_farmaceutico'],
  ] as const) {
    const { decisions } = decide([PARACETAMOL], said, tightened(restriction(kind, target, minAge)));
    t.match(decisions, [{ rule, allowed: rule === 'venda_livre' }], `${kind} ${target} ${said}`);
    if (rule === 'restricao') t.equal(decisions[0]?.ruleId, 'r1');
  }
  const all = decide(
    ['Gaze estéril'],
    '',
    tightened(restriction('farmaceutico', '*'), restriction('idade_minima', '*', 90)),
  );
  t.equal(all.items.length, 1, '* is of medicines');
});

t.test('a pharmacist is called only where one was asked for and nothing is left to offer', async (t) => {
  const asked = tightened(restriction('farmaceutico', 'paracetamol'));
  t.match(decide([PARACETAMOL], '', asked), { items: [], callPharmacist: true });
  t.match(decide([PARACETAMOL, 'Gaze estéril'], '', asked), { items: [Object], callPharmacist: false });
  t.equal(decide([PARACETAMOL], '').callPharmacist, false);
  t.equal(decide([PARACETAMOL], 'tomo lozartana').callPharmacist, false, 'kept back for something else');
});

t.test('a substance that is never offered is not, however the catalogue files it', async (t) => {
  const base = starter.find(({ name }) => name === PARACETAMOL);
  if (!base) throw new Error('no such starter item');
  const misfiled = { ...base, ingredients: [{ substance: 'amoxicilina', dose: { value: 500, unit: 'mg' } }] };
  t.match(decide([PARACETAMOL], '', {}, [misfiled]).decisions, [
    { rule: 'nunca_oferecer', ruleId: 'nunca-substancia-antimicrobiana', allowed: false },
  ]);
});

t.test('restrictions that cannot be read close everything', async (t) => {
  const tightening = tighteningOf({ items: [{ kind: 'liberar', target: 'clonazepam' }] }, data.otc.names);
  t.match(decide(['Gaze estéril'], '', { tightening }).decisions, [{ rule: 'restricao', allowed: false }]);
});

t.test('where only a pharmacist may decide, the card calls for one', async (t) => {
  const { tightening } = tightened(restriction('farmaceutico', '*'));
  const evidencias = [{ tipo: 'A', trecho: 'estou com muita febre' }];
  const complete = modelThatSays(answer([item(idOf('Dipirona gotas'))], { evidencias }));
  const result = await ask('estou com muita febre', { complete, otc: { ...otc, tightening: () => tightening } });
  t.match(result, {
    source: 'llm',
    items: [{ productId: null, name: 'Chame o farmacêutico', tag: 'suporte', medicine: false }],
    gate: [{ rule: 'exige_farmaceutico', ruleId: 'r1' }],
  });
});

t.test('a red flag calls the pharmacist, once; no model is asked and nothing is offered', async (t) => {
  let asked = 0;
  const complete: NonNullable<Parameters<typeof ask>[1]>['complete'] = (...given) => {
    asked += 1;
    return modelThatSays(answer([item(idOf('Gaze estéril'))]))(...given);
  };
  const said = 'estou tossindo e com dor no peito';
  const first = await ask(said, { complete });
  t.match(first, {
    source: 'alerta',
    confidence: 'alta',
    items: [{ productId: null, name: 'Chame o farmacêutico', explanation: /dor ou aperto no peito/, tag: 'suporte' }],
    gate: [{ rule: 'sinal_de_alerta', ruleId: 'alerta-dor-no-peito', listVersion: data.otc.version, allowed: false }],
  });
  const again = await ask('e queria uma gaze também', { complete }, [said]);
  t.match(again, { source: 'alerta', items: [], gate: [{ reason: /já avisado/ }] });
  const another = await ask('e agora está com falta de ar', { complete }, [said]);
  t.match(another.items[0], { explanation: /falta de ar/ });
  t.equal(asked, 0);
});

t.test('a red flag is told also while the catalogue is away', async (t) => {
  const retrieve = () => Promise.reject(new Error('away'));
  t.match(await ask('estou com dor no peito', { retrieve }), { items: [{ name: 'Chame o farmacêutico' }] });
});
