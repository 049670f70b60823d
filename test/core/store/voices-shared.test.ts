import t from 'tap';
import { openVoices } from '../../../core/app-voices.ts';
import { systemClock } from '../../../core/runtime/provider-context.ts';
import type { Store } from '../../../core/store/index.ts';
import { postgres, quietLog } from '../../helpers/databases.ts';

const server = process.env['TEST_DATABASE_URL'];
const by = { actor: 'cli' };

t.test(
  'a voice that one process takes in is known to another within a second, announced or not',
  { skip: server ? false : 'TEST_DATABASE_URL is not set' },
  async (t) => {
    const open = await postgres(t, server ?? '');
    const [writer, reader] = [await open(), await open()];
    const { client } = await writer.clients.create({ email: 'a@x', companyName: 'A' });
    const config = {
      identity: { clientId: client.clientId },
      effective: () => ({ configured: { speaker: [{}] }, voices: {} }),
    };
    const seatAt = (store: Store, listens: boolean) => {
      const { voices: own } = store;
      const asked = {
        of: (id: string) => own.of(id),
        revisions: (ids: string[]) => own.revisions(ids),
        listen: (onChange: (clientId: string) => void) => (listens ? own.listen(onChange) : null),
      };
      const parts = { store: { ...store, voices: asked }, providers: { configuration: {}, instances: {}, health: {} } };
      const voices = openVoices({ ...parts, clock: systemClock, log: quietLog } as never);
      t.teardown(() => voices.close());
      return voices.desk.join(config as never);
    };
    const seats = [seatAt(writer, true), seatAt(reader, true), seatAt(reader, false)];
    const until = async (isNeeded: boolean) => {
      const startedAt = performance.now();
      while (seats.some((seat) => seat.isNeeded() !== isNeeded)) {
        if (performance.now() - startedAt > 15_000) throw new Error('the voices never changed');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return performance.now() - startedAt;
    };
    await until(false);
    const consent = { granted: true as const, basis: 'consentimento', textVersion: '1' };
    const voice = { vector: Float32Array.of(1, 2), model: 'speaker/acme:m', speechMs: 3000, fileName: null, consent };
    const ana = await writer.voices.enrol({ ...voice, clientId: client.clientId, of: { name: 'Ana' } }, by);
    t.comment(`known everywhere after ${Math.round(await until(true))} ms`);
    await writer.employees.remove(client.clientId, ana?.id ?? 0, by);
    t.comment(`gone everywhere after ${Math.round(await until(false))} ms`);
    t.pass('each of them');
  },
);
