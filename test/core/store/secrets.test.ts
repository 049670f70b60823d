import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { addSecretKey, loadOrCreateSecretKeys } from '../../../core/store/secret-key-file.ts';
import { hashPassword, parseSecretKey, Secrets, verifyPassword } from '../../../core/store/secrets.ts';
import { temporaryFolder } from '../../helpers/databases.ts';

const key = (byte: number): Buffer => Buffer.alloc(32, byte);

t.test('a sealed secret opens with its key and for its own row only', async (t) => {
  const secrets = new Secrets(key(1));
  const sealed = secrets.seal('sk-chave', 'provider:7');
  t.match(sealed, /^v1\.[0-9a-f]{8}\.[\w-]+$/);
  t.not(sealed, secrets.seal('sk-chave', 'provider:7'), 'never the same twice');
  t.equal(secrets.open(sealed, 'provider:7'), 'sk-chave');
  t.throws(() => secrets.open(sealed, 'provider:8'), { code: 'BALTO_SECRET_UNREADABLE' });
  t.throws(() => new Secrets(key(2)).open(sealed, 'provider:7'), { code: 'BALTO_SECRET_UNREADABLE' });
  for (const damaged of ['', 'v1', `${sealed.slice(0, -4)}AAAA`, sealed.replace('v1', 'v2')]) {
    t.throws(() => secrets.open(damaged, 'provider:7'), { code: 'BALTO_SECRET_UNREADABLE' });
  }
  const rotated = new Secrets(key(2), [key(1)]);
  t.equal(rotated.open(sealed, 'provider:7'), 'sk-chave', 'a previous key opens');
  t.equal(rotated.seal('x', 'y').split('.')[1], rotated.keyId, 'the current one seals');
});

t.test('the secret key is read in either writing, and refused by name', async (t) => {
  t.same(parseSecretKey('07'.repeat(32)), key(7));
  t.same(parseSecretKey(` ${key(7).toString('base64')}\n`), key(7));
  t.same(parseSecretKey(key(255).toString('base64url')), key(255));
  for (const wrong of ['', 'changeme', '07'.repeat(31), `${key(7).toString('base64')}AAAA`, 'ç'.repeat(43)]) {
    t.throws(() => parseSecretKey(wrong), { code: 'BALTO_CONFIG_SECRET_KEY', field: 'BALTO_SECRET_KEY' });
  }
});

t.test('processes that start at once make one key', async (t) => {
  const folder = await temporaryFolder(t);
  const keys = await Promise.all([1, 2, 3, 4].map(() => loadOrCreateSecretKeys(folder)));
  t.equal(new Set(keys.map(String)).size, 1);
  t.equal(keys[0]?.length, 1);
  t.equal((await stat(join(folder, 'secret.key'))).mode & 0o777, 0o600);
  t.same(parseSecretKey(await readFile(join(folder, 'secret.key'), 'utf8')), keys[0]?.[0]);
});

t.test('a new key stands before the one in use, which goes on opening', async (t) => {
  const folder = await temporaryFolder(t);
  const [first] = await loadOrCreateSecretKeys(folder);
  const second = await addSecretKey(folder);
  t.same(await loadOrCreateSecretKeys(folder), [second, first]);
  t.equal((await stat(join(folder, 'secret.key'))).mode & 0o777, 0o600);
  const third = await addSecretKey(folder);
  t.same(await loadOrCreateSecretKeys(folder), [third, second], 'no more than one before it is kept');
  const secrets = new Secrets(first);
  const [sealed, fingerprint] = [secrets.seal('sk-chave', 'x'), secrets.fingerprint('code', '123456')];
  const { keyId } = secrets;
  secrets.adopt(second);
  t.not(secrets.keyId, keyId);
  t.equal(secrets.open(sealed, 'x'), 'sk-chave');
  t.equal(secrets.seal('y', 'x').split('.')[1], secrets.keyId);
  t.not(secrets.fingerprint('code', '123456'), fingerprint);
  t.ok(secrets.fingerprints('code', '123456').includes(fingerprint));
});

t.test('passwords', async (t) => {
  const stored = await hashPassword('café com açúcar');
  t.not(stored, await hashPassword('café com açúcar'), 'salted');
  t.ok(await verifyPassword('cafe\u0301 com açúcar', stored), 'however the keyboard writes an accent');
  t.notOk(await verifyPassword('café com acucar', stored));
  for (const nobody of [null, '', 'scrypt.15..', 'scrypt.15.AAAA.AAAA', 'plain']) {
    t.notOk(await verifyPassword('', nobody));
  }
});
