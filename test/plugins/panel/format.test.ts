import t from 'tap';
import * as format from '../../../plugins/panel/web/src/lib/format.ts';
import { messages } from '../../../plugins/panel/web/src/lib/messages.ts';

t.test('moments are written as in the shops, whatever the zone of the machine', async (t) => {
  // 02:30 UTC is still the day before in São Paulo.
  const moment = '2026-11-22T02:30:09.000Z';
  t.equal(format.formatDate(moment), '21/11/2026');
  t.equal(format.formatMoment(moment), '21/11/2026 23:30');
  t.equal(format.formatClock(moment), '23:30:09');
  t.equal(format.isoDay(moment), '2026-11-21');
  t.equal(format.formatDate(null), '–');
  t.equal(format.formatMoment('not a moment'), '–');
  const now = Date.parse(moment);
  t.equal(format.formatAgo(now - 3 * 60_000, now), 'há 3 minutos');
  t.equal(format.formatAgo(now - 86_400_000, now), 'ontem');
});

t.test('figures and money', async (t) => {
  t.equal(format.formatReais(1234.56), 'R$ 1.234,56');
  t.equal(format.formatMicroUsd(12_345), 'US$ 0,0123');
  t.equal(format.formatMicroUsd(1_234_560_000), 'US$ 1.234,56');
  t.equal(format.formatMicroUsd(null), '–');
  t.equal(format.formatNumber(1_234_567.891, 1), '1.234.567,9');
  t.equal(format.formatShare(0.8754), '87,5%');
  t.equal(format.formatDuration(840), '840 ms');
  t.equal(format.formatDuration(1240), '1,2 s');
  t.equal(format.formatDuration(185_000), '3 min 05 s');
  t.equal(format.formatBytes(12_345_678), '12,3 MB');
  t.equal(format.formatNumber(Number.NaN), '–');
});

t.test('a text with names and numbers in it', async (t) => {
  const say = messages({ hello: 'Olá, {name}!', counters: { one: '{n} balcão', other: '{n} balcões' } });
  t.equal(say('hello', { name: '{n}<b>' }), 'Olá, {n}<b>!');
  t.equal(say('counters', { n: 1 }), '1 balcão');
  t.equal(say('counters', { n: 0 }), '0 balcões');
  t.equal(say('counters', { n: 1200 }), '1.200 balcões');
  t.equal(say.of('unknown', 'outra coisa'), 'outra coisa');
  t.equal(say.of('toString', 'outra coisa'), 'outra coisa');
});
