import t from 'tap';
import { connectCounter, serverEnv } from '../helpers/balto.ts';
import { forEachDatabase, temporaryFolder } from '../helpers/databases.ts';
import { ownerOf } from '../helpers/owner-login.ts';
import { type ServerProcess, startServer } from '../helpers/server-process.ts';
import type { TestCounter } from '../helpers/ws-client.ts';

const WHY = { why: 'teste' };
const LIMIT_MS = 1000;

t.test('an administrator closes a live counter within a second, from any process', (t) =>
  forEachDatabase(t, async (t, open) => {
    const folder = await temporaryFolder(t);
    const env = serverEnv(open, {});
    const listening = await started(t, env, folder);
    // The embedded database has one process; of two on one Postgres, the administrator speaks to the other.
    const asked = open.kind === 'postgres' ? await started(t, env, folder) : listening;
    const api = await ownerOf(asked.url);
    const { code } = (await api('POST', '/clients', { email: 'dona@x', companyName: 'Azul' })).body;
    const register = async () =>
      (await (
        await fetch(`${asked.url}/cadastro/balcao`, jsonOf({ nome_balcao: 'Caixa', user_codigo: code }))
      ).json()) as {
        api_key: string;
        balcao_id: string;
      };

    for (const [verb, code, reason] of [
      ['revoke', 4001, 'chave revogada'],
      ['rotate', 4001, 'chave trocada por outra'],
      ['suspend', 4003, 'balcão suspenso'],
    ] as const) {
      const { api_key, balcao_id } = await register();
      const [counter, other] = [await inside(listening, api_key), await inside(listening, (await register()).api_key)];
      const answer = await api('POST', `/counters/${balcao_id}/${verb}`, WHY);
      t.equal(answer.status, 200);
      const answeredAt = performance.now();
      t.same(await counter.closed, { code, reason });
      const ms = Math.round(performance.now() - answeredAt);
      t.ok(ms < LIMIT_MS, `${verb}: closed ${ms} ms after the answer`);
      t.equal(other.socket.readyState, other.socket.OPEN, 'another counter stays');
      const again = await connectCounter(listening.ws, api_key);
      t.equal((await again.closed).code, code, 'and it does not come back');
      if (verb !== 'rotate') continue;
      const renewed = await inside(listening, answer.body.apiKey);
      await new Promise((resolve) => setTimeout(resolve, LIMIT_MS + 200));
      renewed.say({ comando: 'ping' });
      t.equal(renewed.socket.readyState, renewed.socket.OPEN, 'the new key stays, two sweeps later');
    }
  }),
);

async function started(t: Parameters<typeof temporaryFolder>[0], env: Record<string, string>, folder: string) {
  const server = await startServer(env, folder);
  t.teardown(() => server.kill());
  return server;
}

function jsonOf(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** A counter that was let in. */
async function inside({ ws }: ServerProcess, apiKey: string): Promise<TestCounter> {
  const counter = await connectCounter(ws, apiKey);
  counter.say({ comando: 'ping' });
  await counter.receive('pong');
  return counter;
}
