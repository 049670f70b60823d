import { readFileSync } from 'node:fs';
import t from 'tap';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, wavUntil } from '../helpers/talk.ts';

const TOKEN = 'um-token-de-leitura';
/** Nothing of this kind happens in the conversation: named in the answer, without a series yet. */
const QUIET = new Set(['balto_ear_degraded_total']);

interface Dashboard {
  panels: {
    id: number;
    title: string;
    gridPos: { x: number; y: number; w: number; h: number };
    targets: { expr: string; legendFormat: string }[];
  }[];
}

const dashboard = JSON.parse(
  readFileSync(new URL('../../config/grafana/balto.json', import.meta.url), 'utf8'),
) as Dashboard;
const targets = dashboard.panels.flatMap(({ title, targets }) => targets.map((each) => ({ title, ...each })));

t.test('every metric, and every label, that the dashboard asks for is one that Balto has', async (t) => {
  const elevenlabs = await startElevenLabs({ listening: new Coverage(await wavReference()) });
  const llm = await startOpenAi({ respond: obedientModel() });
  const house = await startBalto(t, { vendors: { elevenlabs, llm }, env: { METRICS_TOKEN: TOKEN } });
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(14_200));
  counter.say({ comando: 'fim' });
  await seen.until(({ cards }) => cards.length > 0);
  await house.rows();
  const text = await (await house.get('/metrics', { authorization: `Bearer ${TOKEN}` })).text();
  counter.socket.close();
  const known = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name));
  const series = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const of = series.get(name) ?? new Set<string>();
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) of.add(label);
    series.set(name, of);
  }

  const asked = new Set<string>();
  for (const { title, expr, legendFormat } of targets) {
    const names = expr.match(/\b(?:balto|process)_\w+/g) ?? [];
    t.ok(names.length > 0, `${title}: it asks for something`);
    for (const name of names) {
      asked.add(name.replace(/_bucket$/, ''));
      t.ok(known.has(name.replace(/_bucket$/, '')), `${title}: ${name} exists`);
      if (QUIET.has(name)) continue;
      const labels = series.get(name);
      t.ok(labels, `${title}: ${name} has a value`);
      const wanted = [
        ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', ')),
        ...[...expr.matchAll(/(\w+)!?="/g)].map(([, label = '']) => label),
        ...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
      ].filter((label) => label !== 'instance');
      for (const label of wanted) t.ok(labels?.has(label), `${title}: ${name} has ${label}`);
    }
  }
  t.same([...known].filter((name) => !asked.has(name)).sort(), [], 'nothing that is measured goes unseen');
});

t.test('panels have a name of their own, fit the width, and lie on no other', async (t) => {
  const { panels } = dashboard;
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  t.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
  for (const { title, gridPos: a } of panels) {
    t.ok(a.x + a.w <= 24, title);
    const on = panels.filter(
      ({ gridPos: b, title: other }) =>
        other !== title && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h,
    );
    t.same(on, [], title);
  }
});
