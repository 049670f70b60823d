import { readdir, readFile } from 'node:fs/promises';
import t from 'tap';
import { registeredApp } from '../../core/cli/registered.ts';
import { compareLabel, proveVad, readLabels, TIERS } from '../../core/kit/index.ts';
import { vendor, webrtcProvider } from '../../plugins/webrtc/vad.ts';
import { labelledConversation } from '../helpers/labelled.ts';
import { labelFile } from '../helpers/quality.ts';

const app = await registeredApp();
t.teardown(() => app.close());

/** Folder of `plugins/` that registered a vendor. */
function folderOf(vendorId: string): string {
  return /\/plugins\/([^/]+)\//.exec(app.balto.registry.entryOf(vendorId) ?? '')?.[1] ?? '';
}

const providers = app.balto.registry.list().map((provider) => ({
  address: `${provider.kind}/${provider.id}`,
  kind: provider.kind,
  folder: folderOf(provider.vendor),
}));

t.test('every provider has a label, at silver or better; no label is of nobody', async (t) => {
  const claimed: string[] = [];
  for (const folder of new Set(providers.map((each) => each.folder))) {
    claimed.push(...Object.keys(await readLabels(labelFile(folder))));
  }
  t.same(claimed.sort(), providers.map(({ address }) => address).sort());
  for (const { address, folder } of providers) {
    const label = (await readLabels(labelFile(folder)))[address];
    t.ok(TIERS.indexOf(label?.tier ?? 'bronze') >= TIERS.indexOf('silver'), `${address}: ${label?.tier}`);
  }
});

t.test('every provider is held to its label by a test', async (t) => {
  const tests = new URL('.', import.meta.url);
  const names = (await readdir(tests)).filter((name) => name.endsWith('.test.ts'));
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, tests), 'utf8')));
  for (const { address, kind, folder } of providers) {
    const prove = `prove${kind[0]?.toUpperCase()}${kind.slice(1)}(`;
    const isHeld = (text: string) => text.includes(prove) && /(held|hold)ToLabel\(/.test(text);
    const own = texts.filter((text) => text.includes(`/plugins/${folder}/`) && isHeld(text));
    t.ok(own.length > 0, `${address}: ${prove}…) and heldToLabel(…) in a test of plugins/${folder}`);
  }
});

t.test('a label of the house that claims more or less than the kit shows is seen', async (t) => {
  const label = (await readLabels(labelFile('webrtc')))['vad/webrtc'];
  if (!label) return t.fail('there is a label');
  const shown = await proveVad({ vendor, provider: webrtcProvider, recording: labelledConversation() });
  const { 'precision-noisy': reason, ...exempt } = label.exempt;
  t.ok(reason);
  const { passes } = label;
  t.match(compareLabel({ ...label, exempt, passes: [...passes, 'precision-noisy'] }, shown), [
    /^vad\/webrtc precision-noisy: on the label it passes, in the kit it is exempt/,
  ]);
  t.match(compareLabel({ ...label, passes: passes.slice(1) }, shown), [
    new RegExp(`^vad/webrtc ${passes[0]}: on the label it is not mentioned, in the kit it passes`),
  ]);
  t.match(compareLabel({ ...label, tier: 'gold' }, shown), [/claims tier gold, the kit shows platinum/]);
});
