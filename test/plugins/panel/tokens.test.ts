import { readFileSync } from 'node:fs';
import t from 'tap';

const CSS = readFileSync(new URL('../../../plugins/panel/web/src/style/tokens.css', import.meta.url), 'utf8');

/** Custom properties of the rule that this selector opens. */
function tokensOf(selector: string): Record<string, string> {
  const [, body = ''] = CSS.split(`${selector} {`);
  const [rule = ''] = body.split('}');
  return Object.fromEntries(
    [...rule.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

t.test('dark is the same, whether the device or the person chose it', async (t) => {
  const [light, chosen, device] = [':root', ':root[data-theme="dark"]', ':root:not([data-theme="light"])'].map(
    tokensOf,
  );
  t.ok(Object.keys(chosen ?? {}).length > 20);
  t.same(device, chosen);
  const colors = Object.entries(light ?? {}).filter(([, value]) => value.startsWith('#'));
  t.same(
    colors.map(([name]) => name).filter((name) => !(name in (chosen ?? {}))),
    [],
    'no color of the light theme is left in the dark one',
  );
});
