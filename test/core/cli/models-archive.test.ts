import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { archive, type Entry, modelHouse as house, MODEL, sha256 } from '../../helpers/model-archive.ts';

t.test('an archive that reaches out of its folder is refused whole', async (test) => {
  const hostile: Record<string, Entry | string> = {
    parent: '../fora.txt',
    'hidden parent': 'modelo/../../fora.txt',
    absolute: '/tmp/balto-fora.txt',
    drive: 'C:/fora.txt',
    backslash: 'modelo\\..\\fora.txt',
    'symbolic link': { name: 'modelo/atalho', type: 'symlink', linkname: '/etc' },
    'hard link': { name: 'modelo/atalho', type: 'link', linkname: 'modelo/tokens.txt' },
    device: { name: 'modelo/nulo', type: 'character-device' },
    pipe: { name: 'modelo/cano', type: 'fifo' },
  };
  for (const [what, entry] of Object.entries(hostile)) {
    const { folder, pull, left } = await house(test, gzipSync(await archive([...MODEL, entry])));
    test.match(await pull(), { code: 1, error: /nada foi instalado.*BALTO_MODELS_ARCHIVE/ }, what);
    test.same(await left(), { partial: [], models: [] }, what);
    test.same(await readdir(join(folder, '..')), ['models'], what);
  }
});

t.test('archives that are broken, empty, cut, of another kind or twice the same file', async (test) => {
  const whole = await archive(MODEL, randomBytes(20_000).toString('hex'));
  const bad: Record<string, Buffer> = {
    'cut gzip': gzipSync(whole).subarray(0, 10_000),
    'cut tar': gzipSync(whole.subarray(0, 25_000)),
    'empty tar': gzipSync(await archive([])),
    twice: gzipSync(await archive(['a', 'a'])),
    zip: Buffer.from('PK\x03\x04 e mais'),
    garbage: randomBytes(5000),
    'bzip2 garbage': Buffer.concat([Buffer.from('BZh9'), randomBytes(5000)]),
  };
  for (const [what, body] of Object.entries(bad)) {
    const { pull, left } = await house(test, body);
    test.match(await pull(), { code: 1, error: /BALTO_MODELS_ARCHIVE/ }, what);
    test.same(await left(), { partial: [], models: [] }, what);
  }
});

const hasBzip2 = spawnSync('bzip2', ['--version'], { input: '' }).error === undefined;

t.test('tar.bz2 by the bzip2 program', { skip: !hasBzip2 && 'no bzip2 program here' }, async (test) => {
  const { stdout } = spawnSync('bzip2', ['-c'], { input: await archive(MODEL), maxBuffer: 2 ** 24 });
  const { folder, pull, left } = await house(test, stdout, '/modelo.tar.bz2');
  const PATH = process.env['PATH'];
  process.env['PATH'] = '/nenhum-lugar';
  const without = await pull();
  process.env['PATH'] = PATH;
  test.match(without, { code: 1, error: /apt install bzip2.*BALTO_MODELS_BZIP2/ });
  test.same(await left(), { partial: [`${sha256(stdout)}.part`], models: [] }, 'the download is kept');
  test.match(await pull(), { code: 0 });
  test.equal(await readFile(join(folder, 'modelo/tokens.txt'), 'utf8'), 'conteúdo');
});

t.test('a single .onnx gets a folder of its own', async (test) => {
  const { folder, pull } = await house(test, randomBytes(3000), '/voz-16k.onnx');
  test.match(await pull(), { code: 0 });
  test.same((await readdir(join(folder, 'voz-16k'))).sort(), ['.balto-model.json', 'voz-16k.onnx']);
});
