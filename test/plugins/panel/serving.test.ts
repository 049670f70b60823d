import t from 'tap';
import { startBalto } from '../../helpers/balto.ts';

t.test('the panel is served by Balto itself', async (t) => {
  const house = await startBalto(t);
  const page = await house.get('/admin');
  const html = await page.text();

  t.test('the page, and the page again under any address of its router', async (t) => {
    t.match(page.headers.get('content-type'), 'text/html');
    t.match(page.headers.get('content-security-policy'), "script-src 'self'");
    t.notMatch(page.headers.get('content-security-policy'), 'unsafe');
    t.equal(page.headers.get('cache-control'), 'no-cache');
    for (const path of ['/admin/', '/admin/interacoes/42']) {
      const again = await house.get(path);
      t.equal(again.status, 200);
      t.equal(await again.text(), html);
      t.match(again.headers.get('content-security-policy'), "default-src 'none'");
    }
  });

  t.test('where Balto listens is where it is found', async (t) => {
    const answer = await fetch(`${house.url}/`, { redirect: 'manual' });
    t.equal(answer.status, 302);
    t.equal(answer.headers.get('location'), '/admin');
  });

  t.test('its assets, compressed, for a year', async (t) => {
    const [, script = ''] = /<script[^>]+src="([^"]+)"/.exec(html) ?? [];
    const asset = await house.get(script, { 'accept-encoding': 'br' });
    t.equal(asset.status, 200);
    t.equal(asset.headers.get('content-encoding'), 'br');
    t.match(asset.headers.get('cache-control'), 'immutable');
    t.match(asset.headers.get('content-type'), 'javascript');
    t.match(asset.headers.get('content-security-policy'), "default-src 'none'");
    t.notMatch(html, /<script(?![^>]+src=)/);
    t.equal((await house.get('/admin/assets/none-such.js')).status, 404, 'never the page for a script');
  });

  t.test('no way out of its folder, and no login page where the login is', async (t) => {
    for (const path of ['/admin/..%2f..%2fpackage.json', '/admin/%2e%2e/headers.ts', '/admin/assets/../../index.ts']) {
      t.notMatch(await (await house.get(path)).text(), /PANEL_HEADERS|"balto"/, path);
    }
  });
});
