import t from 'tap';
import { loadPharmacyData } from '../../../core/pharmacy/data.ts';
import { Products } from '../../../core/store/products.ts';
import { forEachDatabase } from '../../helpers/databases.ts';

const { starter } = loadPharmacyData();

forEachDatabase(t, async (t, open) => {
  const { db, clients } = await open();
  const products = new Products(db);
  const client = (await clients.create({ email: 'um@loja.br', companyName: 'Um' })).client.clientId;
  const other = (await clients.create({ email: 'dois@loja.br', companyName: 'Dois' })).client.clientId;
  await products.seedStarter(starter);
  await products.upsert(client, [
    { code: 'p1', name: 'TYLENOL 750 MG COM CT BL X 20', substance: 'PARACETAMOL', saleClass: 'venda_livre' },
    { code: 'p2', name: 'PARACETAMOL GENERICO 750 MG', substance: 'Paracetamol', saleClass: 'venda_livre' },
    { code: 'p3', name: 'ZELTRIX 500 MG', substance: 'DIPIRONA MONOIDRATADA', saleClass: 'venda_livre' },
    { code: 'p4', name: 'ZELTRIX DUO', substance: 'CAFEÍNA;DIPIRONA SÓDICA', saleClass: 'venda_livre' },
    { code: 'p5', name: 'OUTRIX DUO', substance: 'dipirona + cafeína', saleClass: 'venda_livre' },
    { code: 'n1', name: 'Solarex 60', tag: 'protetor_solar', saleClass: 'venda_livre', medicine: false },
  ]);
  const found = async (text: string, scope: { tags?: string[]; ownOnly?: boolean } = {}, of = client) =>
    (await products.retrieve(of, text, 40, scope)).map(({ name }) => name);

  await t.test('brand, substance and generic lead to each other', async (t) => {
    t.ok((await found('tem tylenol?')).includes('PARACETAMOL GENERICO 750 MG'), 'a brand to its generic');
    t.ok((await found('quero paracetamol')).includes('TYLENOL 750 MG COM CT BL X 20'), 'and back');
    t.ok((await found('novalgina')).includes('ZELTRIX 500 MG'), 'a brand the client does not have, to the one it has');
    t.ok((await found('zeltrix duo')).includes('OUTRIX DUO'), 'a combination, however it is written');
  });

  await t.test('a need leads to the client’s own rows of a substance that serves it', async (t) => {
    const names = await found('estou com febre');
    t.ok(names.includes('TYLENOL 750 MG COM CT BL X 20') && names.includes('ZELTRIX 500 MG'), names.join(', '));
    t.notOk(
      (await found('estou com febre', {}, other)).some((name) => name.startsWith('ZELTRIX')),
      'not to others’',
    );
  });

  await t.test('a need’s tag leads to things that say nothing of what they are for', async (t) => {
    t.notOk((await found('vamos viajar domingo')).includes('Solarex 60'));
    t.ok((await found('vamos viajar domingo', { tags: ['protetor_solar'] })).includes('Solarex 60'));
    t.notOk((await found('vamos viajar domingo', { tags: ['protetor_solar'] }, other)).includes('Solarex 60'));
  });

  await t.test('restricted to the client’s own items, the starter only leads to them', async (t) => {
    const all = await products.retrieve(client, 'febre e dor de cabeça', 40, { ownOnly: true });
    t.ok(all.length > 0 && all.every(({ own }) => own), all.map(({ name }) => name).join(', '));
    t.ok(all.some(({ name }) => name === 'ZELTRIX 500 MG'));
    t.same(await found('febre', { ownOnly: true }, other), [], 'who has none is offered none');
  });

  await t.test('salts and order do not make another substance', async (t) => {
    const rows = await db.system((trx) =>
      trx
        .selectFrom('produtos')
        .select(['codigo', 'substancia'])
        .where('cliente_id', '=', client)
        .where('codigo', 'in', ['p3', 'p4', 'p5', 'n1'])
        .orderBy('codigo')
        .execute(),
    );
    t.same(
      rows.map(({ codigo, substancia }) => [codigo, substancia]),
      [
        ['n1', null],
        ['p3', 'dipirona'],
        ['p4', 'cafeina+dipirona'],
        ['p5', 'cafeina+dipirona'],
      ],
    );
  });
});
