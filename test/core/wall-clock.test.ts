import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { DEFAULT_TIME_ZONE, localDay, startOfDay, WallClock } from '../../core/wall-clock.ts';

t.test('a day is the calendar’s in São Paulo, as the platform itself has it', async () => {
  const platform = new Intl.DateTimeFormat('en-CA', { timeZone: DEFAULT_TIME_ZONE });
  const moments = fc.date({ min: new Date('1995-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  fc.assert(fc.property(moments, (at) => localDay(at) === platform.format(at)));
});

t.test('minute and weekday are the wall’s, in zones that are ahead, behind, and off by half an hour', async () => {
  const zones = fc.constantFrom('America/Sao_Paulo', 'UTC', 'Asia/Kolkata', 'America/New_York', 'Pacific/Auckland');
  const moments = fc.date({ min: new Date('1995-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(zones, moments, (timeZone, at) => {
      const parts = new Intl.DateTimeFormat('en-US', {
        timeZone,
        weekday: 'short',
        hour: 'numeric',
        minute: 'numeric',
        hourCycle: 'h23',
      }).formatToParts(at);
      const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
      const { minute, weekday } = new WallClock(timeZone).at(at.getTime());
      const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
      return minute === Number(part('hour')) * 60 + Number(part('minute')) && days[weekday] === part('weekday');
    }),
  );
});

t.test('the zone stands in one place of the server, and in one of the panel', async (t) => {
  const root = new URL('../../', import.meta.url).pathname;
  const sources = ['core', 'plugins', 'config'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  );
  const naming = sources.filter((name) => /['"`]America\/Sao_Paulo['"`]/.test(readFileSync(join(root, name), 'utf8')));
  t.same(naming.sort(), ['core/wall-clock.ts', 'plugins/panel/web/src/lib/format.ts']);
});

t.test('a day begins at its own midnight, also where clocks were once put forward then', async (t) => {
  t.equal(startOfDay('2026-11-22').toISOString(), '2026-11-22T03:00:00.000Z');
  t.equal(startOfDay('2018-11-04').toISOString(), '2018-11-04T03:00:00.000Z', 'there was no midnight that day');
  t.equal(localDay(new Date('2026-11-22T02:59:59Z')), '2026-11-21');
});
