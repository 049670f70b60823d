import { type Api, apiOf } from './admin-api.ts';
import { ADMIN_SECRET } from './balto.ts';

/** The API of a server in a process of its own, as its owner, who is made after the server listens. */
export async function ownerOf(url: string): Promise<Api> {
  const login = () =>
    fetch(`${url}/admin/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ password: ADMIN_SECRET }),
    });
  let answer = await login();
  for (let tries = 1; answer.status === 401 && tries < 10; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    answer = await login();
  }
  return apiOf(url, (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '');
}
