import { join } from 'node:path';
import t from 'tap';
import { readDotEnv } from '../../core/dot-env.ts';

t.test('what the shell sets wins over the file', async (t) => {
  const folder = t.testdir({ '.env': '# senha\nPORT=9000\nHOST="127.0.0.1"\n' });
  const env = readDotEnv({ PORT: '9001', OTHER: 'x' }, join(folder, '.env'));
  t.match(env, { PORT: '9001', HOST: '127.0.0.1', OTHER: 'x' });
});

t.test('no file is no error, one that cannot be read is', async (t) => {
  const folder = t.testdir({ '.env': {} });
  t.same(readDotEnv({ PORT: '1' }, join(folder, 'none')), { PORT: '1' });
  t.throws(() => readDotEnv({}, join(folder, '.env')), { code: 'EISDIR' });
});

t.test('the byte order mark of a Windows editor belongs to no name', async (t) => {
  const folder = t.testdir({ '.env': '\uFEFFPORT=9000\r\nHOST=::1\r\n' });
  t.same(readDotEnv({}, join(folder, '.env')), { PORT: '9000', HOST: '::1' });
});
