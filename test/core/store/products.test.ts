import { sql } from 'kysely';
import t from 'tap';
import { loadPharmacyData } from '../../../core/pharmacy/data.ts';
import { Products } from '../../../core/store/products.ts';
import { forEachDatabase } from '../../helpers/databases.ts';

const { starter } = loadPharmacyData();

forEachDatabase(t, async (t, open) => {
  const { db, clients } = await open();
  const products = new Products(db);
  const one = (await clients.create({ email: 'um@loja.br', companyName: 'Um' })).client.clientId;
  const two = (await clients.create({ email: 'dois@loja.br', companyName: 'Dois' })).client.clientId;
  const names = async (text: string, client = one, limit = 40) =>
    (await products.retrieve(client, text, limit)).map(({ name }) => name);
  t.equal(await products.seedStarter(starter), starter.itens.length);

  await t.test('accents, case, inflection and slips are tolerated', async (t) => {
    for (const [text, expected] of [
      ['PROTETOR SOLAR', 'Protetor solar FPS 50'],
      ['protetor sola', 'Protetor solar FPS 50'],
      ['protetores solares', 'Protetor solar FPS 50'],
      ['diabete', 'Medidor de glicose'],
      ['dipirrona', 'Dipirona gotas'],
      ['termometro', 'Termômetro digital'],
      ['termômetros', 'Termômetro digital'],
      ['repelemte', 'Repelente de insetos'],
      ['band-aid', 'Curativo adesivo'],
    ] as const) {
      t.ok((await names(text)).includes(expected), `${text} → ${expected}: ${(await names(text)).join(', ')}`);
    }
  });

  await t.test("names are a client's own active products, medicines first", async (t) => {
    const three = (await clients.create({ email: 'tres@loja.br', companyName: 'Três' })).client.clientId;
    t.strictSame(await products.names(three, 10), []);
    await products.upsert(three, [
      { code: 'a', name: 'Algodão', medicine: false },
      { code: 'b', name: 'Dorflex 10 cp', substance: 'Dipirona' },
      { code: 'c', name: 'Velho', active: false },
    ]);
    t.strictSame(await products.names(three, 10), [
      { name: 'Dorflex 10 cp', substance: 'Dipirona' },
      { name: 'Algodão', substance: null },
    ]);
    t.equal((await products.names(three, 1)).length, 1);
  });

  await t.test('both forms are indexed: the stem of an accented plural and the bare word meet', async (t) => {
    await products.upsert(one, [{ code: 'l1', name: 'Loção para infecções de pele', saleClass: 'venda_livre' }]);
    for (const text of ['infecção', 'infecções', 'infeccao', 'infeccoes', 'locao']) {
      t.ok((await names(text)).includes('Loção para infecções de pele'), text);
    }
  });

  await t.test('a need finds what serves it, a synonym finds its product', async (t) => {
    t.ok((await names('estou com o nariz entupido')).includes('Soro fisiológico 0,9%'));
    t.ok((await names('tem camisinha?')).includes('Preservativo'));
    t.ok((await names('minha losartana')).includes('Monitor de pressão arterial'), 'what it goes with');
    t.ok((await names('dor de cabeça')).indexOf('Dipirona gotas') < 8);
  });

  await t.test('small talk finds nothing; limits hold; one tag does not crowd out the rest', async (t) => {
    t.same(await names('bom dia, tudo bem com o senhor?'), []);
    t.same(await names(''), []);
    t.same(await names("'; drop table produtos; -- \\ : | & ! <-> \0 \ud800"), []);
    t.equal((await names('dor febre tosse pele nariz', one, 5)).length, 5);
    await products.upsert(
      one,
      Array.from({ length: 60 }, (_, index) => ({
        code: `x${index}`,
        name: `Analgésico ${index}`,
        tag: 'dor_cabeca',
        saleClass: 'venda_livre' as const,
        indications: ['dor de cabeça'],
      })),
    );
    const found = await products.retrieve(one, 'dor de cabeça e pele seca', 40);
    t.equal(found.filter(({ tag }) => tag === 'dor_cabeca').length, 8);
    t.ok(found.some(({ name }) => name === 'Hidratante corporal'));
  });

  await t.test('a client sees its own items and the starter, never another client’s', async (t) => {
    await products.upsert(one, [{ code: 'segredo', name: 'Xilitolix da Loja Um', saleClass: 'venda_livre' }]);
    t.same(await names('xilitolix'), ['Xilitolix da Loja Um']);
    t.same(await names('xilitolix', two), []);
    t.same(await names('xilitolxi', two), [], 'nor by a slip');
    const [own] = await products.retrieve(one, 'xilitolix');
    t.match(own, { own: true, saleClass: 'venda_livre', medicine: true, tag: 'outros' });
    await t.rejects(
      db.tenant(two, (trx) =>
        trx.insertInto('produtos').values({ cliente_id: null, codigo: 'intruso', nome: 'Intruso' }).execute(),
      ),
      /row-level security/,
      'no client writes the starter',
    );
  });

  await t.test('what is not said is unknown; replaced and switched-off items', async (t) => {
    await products.upsert(one, [{ code: 'n1', name: 'Zumbidol' }]);
    t.match((await products.retrieve(one, 'zumbidol'))[0], { saleClass: 'desconhecida', medicine: true });
    await products.upsert(one, [{ code: 'n1', name: 'Zumbidol novo', saleClass: 'venda_livre' }]);
    t.same(await names('zumbidol'), ['Zumbidol novo']);
    await products.upsert(one, [{ code: 'n1', name: 'Zumbidol novo', active: false }]);
    t.same(await names('zumbidol'), []);
  });

  await t.test('the same starter again writes nothing; a row that was changed by hand is put right', async (t) => {
    const writes = () =>
      db.system(async (trx) => {
        const rows = await sql<{ xmin: string }>`select xmin::text from produtos where cliente_id is null`.execute(trx);
        return rows.rows.map(({ xmin }) => xmin).join();
      });
    const before = await writes();
    await products.seedStarter(starter);
    t.equal(await writes(), before);
    await db.system((trx) =>
      trx.updateTable('produtos').set({ nome: 'Trocado' }).where('codigo', '=', 'bengala').execute(),
    );
    await products.seedStarter(starter);
    t.not(await writes(), before);
    t.same(await names('trocado'), []);
    t.ok((await names('bengala')).length > 0);
  });

  await t.test('the starter is seeded again without doubles; what left it is switched off', async (t) => {
    const kept = starter.itens.filter(({ codigo }) => codigo !== 'bengala');
    t.equal(await products.seedStarter({ ...starter, versao: '2027-01-01', itens: kept }), kept.length);
    t.same(await names('bengala'), []);
    const [item] = (await products.retrieve(two, 'termômetro')).filter(({ name }) => name === 'Termômetro digital');
    t.match(item, { own: false, version: '2027-01-01', medicine: false });
    t.equal((await names('termômetro', two)).filter((name) => name === 'Termômetro digital').length, 1);
  });
});
