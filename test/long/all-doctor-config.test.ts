import t from 'tap';
import { serveCommands } from '../../core/store/socket.ts';
import { cli } from '../helpers/cli.ts';
import { embedded, quietLog } from '../helpers/databases.ts';

const by = { actor: 'admin:ana' };

t.test('the doctor knows of providers that only the stored configuration has', async (t) => {
  const open = await embedded(t);
  const { dataDir, secretKey = '' } = open.options;
  const env = { BALTO_DATA_DIR: dataDir, BALTO_SECRET_KEY: secretKey, BALTO_STT: 'stt/gladia', PORT: '0' };
  const transcription = async (more: object = {}) => {
    const { out } = await cli(['doctor', '--json'], { ...env, ...more });
    const { checks } = JSON.parse(out) as { checks: { name: string; status: string }[] };
    return checks.find(({ name }) => name === 'Transcrição');
  };
  const store = await open();
  const { client } = await store.clients.create({ email: 'a@x', companyName: 'A' });
  const key = { clientId: client.clientId, vendor: 'gladia', label: 'x', secret: 'gladia-0123456789' };
  const { id } = await store.credentials.add({ ...key, credential: { apiKey: key.secret } }, by);
  await store.close();
  t.match(await transcription(), { status: 'erro' }, 'a key that nothing names is of no use');

  const again = await open();
  const place = { clientId: client.clientId, counterId: null };
  const change = { ...place, section: 'credentials.gladia', value: { ids: [id] } };
  const { version } = await again.configVersions.activate({ ...by, changes: [change] });
  const transcribes = async () => ({ version, usable: true });
  const stop = await serveCommands(dataDir, { 'config transcription': transcribes }, quietLog);
  t.match(await transcription(), { status: 'ok', detail: /configuração guardada/u }, 'asked of the running server');
  await stop();
  await again.close();
  t.match(
    await transcription(),
    { status: 'ok', detail: new RegExp(`versão ${version}`, 'u') },
    'read from the database',
  );
  const other = { BALTO_SECRET_KEY: '22'.repeat(32) };
  t.match(await transcription(other), { status: 'erro' }, 'a key that does not open is of no use');
});
