import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { columnsOf } from '../../../core/catalogue/columns.ts';
import { read } from '../../../core/catalogue/reader.ts';
import { cmedRows, csvOf, fileWriter, windows1252, xlsxOf, zipOf } from '../../helpers/catalogue-files.ts';

const HEADER = ['código', 'nome', 'preço', 'indicações', 'bula_url'];
const ROW = ['g1', 'Loção hidratante', '12,90', 'pele seca|rachadura', 'https://bulas.exemplo.com.br/1'];

type Line = { codigo: string; produto: Record<string, unknown> };

t.test('files', async (t) => {
  const write = await fileWriter(t);
  const all = async (content: string | Buffer, priceColumn?: string) => {
    const file = await write(content);
    const lines: Line[] = [];
    const issues: { row: number; column: string | null; code: string }[] = [];
    let failed: { code: string; message: string } | null = null;
    for await (const message of read({ file, fileName: 'x', priceColumn, today: '2026-11-21' })) {
      if (message.type === 'failed') failed = message;
      if (message.type !== 'batch') continue;
      lines.push(...(JSON.parse(message.lines) as Line[]));
      issues.push(...message.issues);
    }
    return { lines, issues, failed, first: lines[0]?.produto };
  };

  await t.test('every encoding and separator that is in use, told apart by itself', async (t) => {
    const text = (delimiter: string) => csvOf([HEADER, ROW], delimiter);
    const files: Record<string, string | Buffer> = {
      'UTF-8, ;': text(';'),
      'UTF-8 with BOM, ,': `\uFEFF${text(',')}`,
      'Windows-1252, ;': windows1252(text(';')),
      'Windows-1252, tab': windows1252(text('\t')),
      'UTF-16 with BOM, tab': Buffer.from(`\uFEFF${text('\t')}`, 'utf16le'),
      'a workbook': xlsxOf([HEADER, ROW]),
    };
    for (const [name, content] of Object.entries(files)) {
      const { first, issues, failed } = await all(content);
      t.same([issues, failed], [[], null], name);
      t.match(first, { nome: 'Loção hidratante', preco_centavos: 1290, indicacoes: ['pele seca', 'rachadura'] }, name);
    }
  });

  await t.test('the template of the manual is read without an error', async (t) => {
    const { lines, issues } = await all(await readFile(new URL('../../../docs/modelo-catalogo.csv', import.meta.url)));
    t.same(issues, []);
    t.match(lines, [
      { produto: { medicamento: false, preco_centavos: 490, classe_venda: 'venda_livre' } },
      {
        produto: {
          composicao: [{ dose: 500, unidade: 'mg' }],
          contraindicacao: 'alergia a dipirona',
          bula_url: /^https/,
        },
      },
      { produto: { classe_venda: 'desconhecida', composicao: [{ dose: 500 }, { substancia: 'cafeína', dose: 65 }] } },
    ]);
  });

  await t.test('what is no table is refused with what it is, and what to do', async (t) => {
    for (const [content, code, message] of [
      ['', 'BALTO_IMPORT_FORMAT', /vazio/],
      ['<html><table><tr><td>nome</td></tr></table></html>', 'BALTO_IMPORT_FORMAT', /HTML.*\.xlsx/],
      [Buffer.from('d0cf11e0a1b11ae100', 'hex'), 'BALTO_IMPORT_FORMAT', /\.xls.*senha.*\.xlsx/],
      ['%PDF-1.7', 'BALTO_IMPORT_FORMAT', /PDF/],
      [Buffer.from('1f8b0800', 'hex'), 'BALTO_IMPORT_FORMAT', /gzip/],
      [Buffer.from('a;b\0c'), 'BALTO_IMPORT_FORMAT', /nem planilha/],
      ['um texto qualquer\ncom linhas', 'BALTO_IMPORT_COLUMNS', /cabeçalho/],
      ['nome\nGaze', 'BALTO_IMPORT_COLUMNS', /cabeçalho/],
      ['codigo;nome\na;"sem fim\nb;c', 'BALTO_IMPORT_CSV', /aspas/],
      ['{"a": ', 'BALTO_IMPORT_JSON', /JSON/],
      ['{"a": 1}', 'BALTO_IMPORT_JSON', /produto/],
      [
        xlsxOf([
          ['x', 'y'],
          ['1', '2'],
        ]),
        'BALTO_IMPORT_COLUMNS',
        /cabeçalho/,
      ],
      [xlsxOf([HEADER, ROW]).subarray(0, 300), 'BALTO_IMPORT_XLSX', /danificado|incompleto/],
      [zipOf({ 'dados.csv': 'a;b' }), 'BALTO_IMPORT_XLSX', /não é uma planilha/],
      [Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), randomBytes(2000)]), 'BALTO_IMPORT_XLSX', /danificado/],
    ] as const) {
      const { failed, lines } = await all(content);
      t.match(failed, { code, message }, String(message));
      t.same(lines, []);
    }
  });

  await t.test('a workbook that swells, lies about its size, or has a document type is not opened', async (t) => {
    const parts = (sheet: string | Buffer, strings = '<sst/>') =>
      zipOf({
        'xl/workbook.xml': '<workbook><sheets><sheet name="A" r:id="r1" xmlns:r="r"/></sheets></workbook>',
        'xl/_rels/workbook.xml.rels':
          '<Relationships><Relationship Id="r1" Target="worksheets/a.xml"/></Relationships>',
        'xl/sharedStrings.xml': strings,
        'xl/worksheets/a.xml': sheet,
      });
    const bomb = parts(Buffer.alloc(20 * 1024 * 1024, ' '));
    t.match((await all(bomb)).failed, { code: 'BALTO_IMPORT_BOMB', message: /descompactada/ });
    const lying = Buffer.from(bomb);
    for (let at = lying.indexOf('PK\x01\x02'); at >= 0; at = lying.indexOf('PK\x01\x02', at + 4)) {
      if (lying.readUInt32LE(at + 24) > 1000) lying.writeUInt32LE(1000, at + 24);
    }
    t.match((await all(lying)).failed, { code: 'BALTO_IMPORT_XLSX' }, 'it holds more than it says');
    const laughs = '<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>';
    t.match((await all(parts('<worksheet/>', laughs))).failed, { code: 'BALTO_IMPORT_XLSX', message: /definição/ });
    const many = zipOf(Object.fromEntries(Array.from({ length: 2001 }, (_, index) => [`p${index}`, ''])));
    t.match((await all(many)).failed, { code: 'BALTO_IMPORT_BOMB', message: /2001 partes/ });
    t.match((await all(parts('<worksheet><sheetData><row></worksheet>'))).failed, { code: 'BALTO_IMPORT_XLSX' });
  });

  await t.test(
    'a formula is no value: in a column that counts it is an error of its row, in a text file it is text',
    async (t) => {
      const formula = { formula: 'HYPERLINK("http://x","y")' };
      const { issues, lines } = await all(
        xlsxOf([HEADER, ['g1', formula, 1.5, '', ''], ['g2', 'Gaze', formula, '', '']]),
      );
      t.match(issues, [
        { row: 2, column: 'nome', code: 'formula' },
        { row: 3, column: 'preço', code: 'formula' },
      ]);
      t.same(lines, []);
      const unused = await all(
        xlsxOf([
          [...HEADER, 'total'],
          [...ROW, formula],
        ]),
      );
      t.same([unused.issues, unused.lines.length], [[], 1], 'nobody reads that column');
      const text = await all(csvOf([HEADER, ['g1', '=cmd|calc', '1', '@SUM(A1)', '']]));
      t.match(text.first, { nome: '=cmd|calc', indicacoes: ['@SUM(A1)'] });
    },
  );

  await t.test('numbers of a sheet are what a person typed: bar codes whole, prices exact', async (t) => {
    const { first } = await all(
      xlsxOf([
        ['EAN 1', 'produto', 'preço'],
        [7891058006402, 'Puran', 1.234],
        [1, 'B', 19.9],
      ]),
    );
    t.match(first, { codigo: '7891058006402', preco_centavos: 123 });
    const chosen = await all(csvOf(cmedRows(1)), 'pmc 18%');
    t.equal(chosen.first?.['preco_centavos'], 680);
    t.match((await all(csvOf(cmedRows(1)), 'PMC 99 %')).failed, { code: 'BALTO_IMPORT_COLUMNS', message: /preço/ });
  });

  await t.test('each wrong value is told by row, column and kind', async (t) => {
    const header = ['codigo', 'nome', 'preco', 'categoria', 'bula_url', 'composicao'];
    for (const [row, column, code] of [
      [['a', 'x'.repeat(121), '', '', '', ''], 'nome', 'longo'],
      [['a', 'Gaze', '-3', '', '', ''], 'preco', 'numero'],
      [['a', 'Gaze', '1e5', '', '', ''], 'preco', 'numero'],
      [['a', 'Gaze', '', 'inventada', '', ''], 'categoria', 'valor'],
      [['a', 'Gaze', '', '', 'http://x.com', ''], 'bula_url', 'url'],
      [['a', 'Gaze', '', '', 'javascript:alert(1)', ''], 'bula_url', 'url'],
      [['a', 'Gaze', '', '', 'https://u:p@x.com', ''], 'bula_url', 'url'],
      [['a', 'Gaze', '', '', '', '500 mg'], 'composicao', 'valor'],
      [['', 'Gaze', '1', '', '', ''], 'codigo', 'vazio'],
      [['a', 'Caf\uFFFD', '', '', '', ''], 'nome', 'caractere'],
    ] as const) {
      const { issues } = await all(csvOf([header, [...row]]));
      t.match(issues, [{ row: 2, column, code }], `${column} ${code}`);
    }
    const several = await all('codigo;nome\na;"duas\nlinhas"\n\nb;\n');
    t.match(several.issues, [{ row: 5, column: 'nome' }], 'lines are counted as an editor counts them');
  });

  await t.test('headers in any accent, case and spacing', async (t) => {
    const known = columnsOf([' CÓDIGO   GGREM', 'Produto ', 'APRESENTACAO', 'classe terapêutica', 'Tarja']);
    t.same([...(known?.keys() ?? [])], ['code', 'name', 'presentation', 'therapeuticClass', 'stripe']);
    t.equal(columnsOf(['produto']), null);
  });
});
