import t from 'tap';
import type { SituationHints } from '../../../core/pharmacy/situation.ts';
import { candidate, data } from './support.ts';

const read = (turns: string | string[], hints: SituationHints = {}) =>
  data.otc.situation.read(typeof turns === 'string' ? [turns] : turns, hints);

t.test('ages: the youngest person spoken of, in months', async (t) => {
  for (const [said, months] of [
    ['Minha filha de 3 anos está com tosse', 36],
    ['Ele tem três aninhos', 36],
    ['Tem 8 meses e está tossindo', 8],
    ['Meu bebê está tossindo', 0],
    ['É para uma criança', 24],
    ['O menino ralou o joelho', 72],
    ['Menina de 14 anos com cólica', 168],
    ['Meu filho de doze anos e o neném', 0],
    ['Minha avó tem 80 anos', 960],
    ['Dor há 3 anos', null],
    ['Tosse há dois meses', null],
    ['Estou grávida de 3 meses', null],
    ['Comprei faz 2 meses', null],
    ['Uns três meses atrás tive isso', null],
    ['Não é para criança', null],
    ['Bom dia, estou com dor de cabeça', null],
  ] as const) {
    t.equal(read(said).youngestMonths, months, said);
  }
});

t.test('pregnancy and nursing; what is denied, before, after or in the answer, is not said', async (t) => {
  for (const [said, pregnancy, lactation] of [
    ['Estou grávida', true, false],
    ['Não estou grávida', false, false],
    ['Não, estou grávida', true, false],
    ['A senhora está grávida? Não.', false, false],
    ['A senhora está grávida? Sim, de cinco meses.', true, false],
    ['A senhora está grávida?', true, false],
    ['Estou amamentando ainda', false, true],
    ['Amamentando não', false, false],
  ] as const) {
    t.match(read(said), { pregnancy, lactation }, said);
  }
});

t.test('conditions', async (t) => {
  const ids = (said: string) => read(said).conditions.map(({ id }) => id);
  t.same(ids('Tenho asma e pressão alta'), ['asma', 'hipertensao']);
  t.same(ids('Não tenho gastrite'), []);
  t.same(ids('Tem diabetes? Não. E glaucoma? Tenho.'), ['glaucoma']);
  t.same(ids('Acho que é dengue'), ['dengue']);
});

t.test('medicines: in use, refused, not stood; by substance, salt, brand or class', async (t) => {
  const heard = (said: string, hints?: SituationHints) =>
    read(said, hints).mentions.map(({ name, as, certain }) => `${name} ${as}${certain ? '' : ' ?'}`);
  t.same(heard('Tomo marevan todo dia'), ['marevan in_use']);
  t.same(read('Tomo marevan').mentions[0]?.substances, ['varfarina']);
  t.ok(read('Tomo remédio de pressão').mentions[0]?.classes.has('anti-hipertensivo'));
  t.same(heard('Não tomo losartana'), ['losartana refused']);
  t.same(heard('Sou alérgica a dipirona'), ['dipirona allergy']);
  t.same(heard('Não posso tomar ibuprofeno'), ['ibuprofeno allergy']);
  t.same(heard('Tem remédio para alergia? Loratadina serve?'), ['loratadina in_use']);
  t.same(heard('Tomo lozartana'), ['losartana in_use ?'], 'one slip: perhaps another one');
  t.same(heard('Quero prednisolona'), ['prednisolona in_use'], 'what is one name exactly is no other one misheard');
  t.same(heard('Vai melhorar, e a saúde mental também'), [], 'brands are not recognised with a slip');
  t.same(heard('Tomo varfarina', { unsure: new Set(['varfarina']) }), ['varfarina in_use ?']);
});

t.test('a client’s own brand is known by its name', async (t) => {
  const own = candidate({ own: true, name: 'Cefaliv Plus 500 mg c/ 12 comp' });
  const { mentions } = read('Costumo tomar Cefaliv Plus', { candidates: [own] });
  t.match(mentions, [{ substances: ['paracetamol'], certain: true }]);
  t.same(read('Costumo tomar Cefaliv Plus', { candidates: [{ ...own, own: false }] }).mentions, []);
});

t.test('red flags', async (t) => {
  for (const [said, rule] of [
    ['Estou com uma dor no peito que vai pro braço', 'alerta-dor-no-peito'],
    ['Não tenho dor no peito', null],
    ['Meu peito está cheio de catarro', null],
    ['Ela está com falta de ar', 'alerta-falta-de-ar'],
    ['Está com falta de ar? Não, só tosse.', null],
    ['Não consigo respirar pelo nariz', null],
    ['Meu bebê está com febre', 'alerta-crianca-febre'],
    ['Minha filha de 3 anos está com febre', null],
    ['Não aguento mais viver', 'alerta-sofrimento'],
    ['Eu quero me matar', 'alerta-sofrimento'],
    ['Um remédio para matar piolho', null],
    ['Ficou com a boca torta de repente', 'alerta-avc'],
    ['Comeu camarão e o rosto está inchando', 'alerta-anafilaxia'],
    ['Vomitou sangue hoje cedo', 'alerta-sangramento'],
    ['Estou grávida, posso tomar alguma coisa para dor?', 'alerta-gestante-medicamento'],
    ['Estou grávida e quero um creme para estrias', null],
    ['Estou grávida e tomo paracetamol', 'alerta-gestante-medicamento'],
    ['Ele tomou a cartela inteira', 'alerta-intoxicacao'],
    ['Febre alta e o pescoço duro', 'alerta-meningite'],
    ['Bom dia, quero um protetor solar', null],
  ] as const) {
    t.equal(read(said).redFlags[0]?.rule ?? null, rule, said);
  }
});

t.test('a red flag may be said over several turns', async (t) => {
  t.same(read(['É para o meu bebê', 'Ele está com febre']).redFlags[0]?.rule, 'alerta-crianca-febre');
});

t.test('every phrase of the red flags raises its flag, alone or with the others of its rule', async (t) => {
  const { sinais } = JSON.parse(
    await import('node:fs').then(({ readFileSync }) =>
      readFileSync(new URL('../../../config/otc/sinais-de-alerta.json', import.meta.url), 'utf8'),
    ),
  ) as {
    sinais: {
      regra: string;
      quando: string[][];
      exatas?: string[];
      idade_menor_que_meses?: number;
      situacao?: string[];
    }[];
  };
  for (const { regra, quando, exatas = [], idade_menor_que_meses: young, situacao = [] } of sinais) {
    const who = `${young === undefined ? '' : 'É para o meu bebê. '}${situacao.length === 0 ? '' : 'Estou grávida. '}`;
    const spoken = quando.flatMap((group, at) =>
      group.map((phrase) => [phrase, ...quando.filter((_, other) => other !== at).map(([first]) => first)].join('. ')),
    );
    for (const phrase of [...spoken, ...exatas]) {
      t.ok(
        read(`${who}${phrase}.`).redFlags.some(({ rule }) => rule === regra),
        `${regra}: ${phrase}`,
      );
    }
  }
});

t.test('what nobody bounded does not make it slow or fail', async (t) => {
  for (const text of [
    '',
    '\0'.repeat(1000),
    'a'.repeat(1_000_000),
    'dor no peito. '.repeat(100_000),
    '?'.repeat(50_000),
  ]) {
    t.type(read(text).redFlags.length, 'number');
  }
});
