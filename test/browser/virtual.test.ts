import { createServer, request } from 'node:http';
import t, { type Test } from 'tap';
import { startDeepgram } from '../emulators/index.ts';
import { ClosedSet } from '../emulators/listening/closed-set.ts';
import { startBalto } from '../helpers/balto.ts';
import { axeFindings, noBrowser, openBrowser, openPanel } from '../helpers/browser.ts';
import { conversation } from '../helpers/conversation.ts';
import { fakeMicrophone } from '../helpers/fake-microphone.ts';

/** A proxy that passes plain requests on and knows nothing of upgrades, as many in front of shops do. */
async function plainProxy(t: Test, port: number): Promise<string> {
  const proxy = createServer((incoming, answer) => {
    const { upgrade: _upgrade, connection: _connection, ...headers } = incoming.headers;
    const { method, url: path } = incoming;
    const onward = request({ host: '127.0.0.1', port, method, path, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
}

t.test('the virtual counter', { skip: noBrowser }, async (t) => {
  const { pcm, script } = conversation();
  const deepgram = await startDeepgram({ listening: new ClosedSet(pcm, script) });
  const house = await startBalto(t, { vendors: { deepgram } });
  const cookie = await house.login();
  const browser = await openBrowser(t, await fakeMicrophone(t));

  t.test('a proxy that blocks the upgrade is named, a refused microphone too', async (t) => {
    const url = await plainProxy(t, house.port);
    const { page } = await openPanel(browser, { url }, '/balcao-virtual', { cookie });
    await page.getByRole('button', { name: 'Falar' }).click();
    await page.getByText('um proxy no caminho a bloqueia').waitFor({ timeout: 20_000 });
    t.match(await page.getByRole('alert').textContent(), /ws:\/\/127\.0\.0\.1:\d+\/ws.*Upgrade/s);
    t.same(await axeFindings(page), []);
    // The browser's own answer when somebody says no.
    await page.evaluate(
      `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))`,
    );
    await page.getByRole('button', { name: 'Falar' }).click();
    await page.getByText('O microfone foi recusado').waitFor();
  });

  t.test('what is said is written as it is said; the key is in no storage, and ends with the page', async (t) => {
    const { page, context, faults } = await openPanel(browser, house, '/balcao-virtual', { cookie });
    await page.getByRole('button', { name: 'Falar' }).click();
    await page.locator('.heard-text.partial').filter({ hasText: /\p{L}/u }).first().waitFor({ timeout: 60_000 });
    await page.getByText('Por que este provedor').first().waitFor({ timeout: 60_000 });
    await page.getByText('Por que este provedor').first().click();
    t.match(await page.locator('.heard > li').first().textContent(), /Deepgram.*Transcrever/s);
    const [virtual] = (await house.balto.store.counters.page({ clientIds: [house.clientId], kind: 'virtual' }, 5))
      .items;
    t.match(virtual, { status: 'active', kind: 'virtual' });
    const own = async () => {
      const answer = await house.get(`/api/v1/counters/${virtual?.counterId}/providers/stt`, { cookie });
      return ((await answer.json()) as { own: { use: string[] } | null }).own;
    };
    await page.getByLabel('Quem transcreve neste balcão virtual').selectOption('stt/gladia');
    await page.getByText('Vale desde a próxima fala.').waitFor();
    t.match(await own(), { use: ['stt/gladia'] }, 'tried at this counter only');
    t.ok(await page.locator('.notice.warn').filter({ hasText: 'GLADIA_API_KEY' }).isVisible(), 'it has no key');
    await page.getByLabel('Quem transcreve neste balcão virtual').selectOption('');
    await page.locator('.notice.warn').filter({ hasText: 'GLADIA_API_KEY' }).waitFor({ state: 'detached' });
    t.equal(await own(), null);
    const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])');
    t.notMatch(kept, /bk_/);

    const second = await context.newPage();
    await second.goto(`${house.url}/admin/balcao-virtual`);
    await second.getByRole('button', { name: 'Falar' }).click();
    await page.getByText('foi aberto em outra aba').waitFor({ timeout: 20_000 });
    await second.locator('.talk-state').getByText('Ouvindo').waitFor({ timeout: 20_000 });
    await page.close();
    t.equal(
      (await house.balto.store.counters.byId(virtual?.counterId ?? ''))?.status,
      'active',
      'the other tab goes on',
    );
    await second.goto(`${house.url}/admin/balcoes`);
    const isRevoked = async () =>
      (await house.balto.store.counters.byId(virtual?.counterId ?? ''))?.status === 'revoked';
    for (let turn = 0; turn < 100 && !(await isRevoked()); turn++) await second.waitForTimeout(100);
    t.ok(await isRevoked(), 'who leaves the page ends the counter');
    await second.getByRole('heading', { name: 'Balcões', level: 2 }).waitFor();
    t.equal(await second.getByText('Balcão virtual (').count(), 0, 'it is none of the shop');
    t.same(faults, []);
  });

  t.test('without a key it says so, and where to put one', async (t) => {
    const { client } = await house.balto.store.clients.create({ email: 'sem@chave.com.br', companyName: 'Sem chave' });
    const { balto } = house;
    const change = {
      clientId: client.clientId,
      counterId: null,
      section: 'providers.stt',
      value: { use: ['stt/gladia'] },
    };
    await balto.config.change([change], { actor: 'cli', why: 'teste' });
    const { page } = await openPanel(browser, house, '/balcao-virtual', { cookie });
    await page.getByRole('button', { name: 'Sem chave' }).click();
    await page.getByText('Falta uma chave').waitFor();
    t.ok(await page.getByRole('link', { name: 'Pôr uma chave' }).isVisible());
    t.same(await axeFindings(page), []);
  });
});
