import t from 'tap';
import { forecast, forecastSince } from '../../../core/routing/forecast.ts';
import { type ListPrice, ProviderFigures } from '../../../core/routing/provider-figures.ts';
import type { RoutedUtterance } from '../../../core/store/routed-utterances.ts';

const day = (month: string, of: number) => `2026-${month}-${String(of).padStart(2, '0')}`;

t.test('a month of equal days is foretold to the cent, and certainly', (t) => {
  const days = Array.from({ length: 20 }, (_, at) => ({ day: day('11', at + 1), microUsd: 1000 }));
  const told = forecast([...days, { day: day('11', 21), microUsd: 400 }], day('11', 21));
  t.same(told, { microUsd: 30_000, interval: [30_000, 30_000], days: 20, dailyMicroUsd: 1000, remainingDays: 10 });
  t.end();
});

t.test('the interval is Student’s prediction interval for the sum of the days to come', (t) => {
  const days = [100, 200, 300].map((microUsd, at) => ({ day: day('11', at + 25), microUsd }));
  const told = forecast(days, day('11', 28));
  // s = 100, n = 3, k = 3: 4.303 · √(100² · 3 · (1 + 3/3)) = 1054
  t.match(told, { microUsd: 1200, days: 3, remainingDays: 3, dailyMicroUsd: 200 });
  t.same(told?.interval, [600, 2254], 'and never below what is spent already');
  t.end();
});

t.test('days before the first spending are no part of it; days without any since then are', (t) => {
  const told = forecast(
    [
      { day: day('11', 10), microUsd: 900 },
      { day: day('11', 13), microUsd: 300 },
    ],
    day('11', 14),
  );
  t.match(told, { days: 4, dailyMicroUsd: 300 });
  t.equal(forecast([{ day: day('11', 12), microUsd: 5 }], day('11', 14)), null, 'two days say nothing');
  t.equal(forecast([], day('11', 14)), null);
  t.equal(forecastSince(day('03', 1)), day('02', 1));
  const spentToday = forecast(
    [1, 2, 3].map((at) => ({ day: day('11', at), microUsd: 10 })).concat({ day: day('11', 30), microUsd: 9000 }),
    day('11', 30),
  );
  t.match(spentToday, { microUsd: 9030 }, 'what is spent is spent');
  t.end();
});

const PRICES: Record<string, number> = { 'stt/cheap': 10, 'stt/dear': 50, 'stt/dearest': 90 };
const price: ListPrice = (address, _mode, { durationMs }) =>
  PRICES[address] === undefined ? null : ((PRICES[address] ?? 0) * durationMs) / 1000;

const said = (fields: Partial<RoutedUtterance>): RoutedUtterance => ({
  id: 1,
  atMs: 0,
  clientId: 'a',
  address: 'stt/cheap',
  mode: 'segment',
  candidates: ['stt/cheap', 'stt/dear'],
  durationMs: 2000,
  latencyMs: 500,
  costMicroUsd: 30,
  feedback: null,
  ...fields,
});

t.test('providers side by side, and what routing saved against the dearest it might have taken', (t) => {
  const figures = new ProviderFigures(price);
  figures.add(said({ feedback: 'aceito' }));
  figures.add(said({ feedback: 'recusado', latencyMs: null }));
  figures.add(said({ address: 'stt/dear', candidates: ['stt/cheap', 'stt/dear'], latencyMs: 900 }));
  figures.add(said({ candidates: ['stt/cheap', 'stt/unpriced', 'stt/dearest'] }));
  figures.add(said({ candidates: ['stt/cheap', 'stt/unpriced'] }));
  figures.add(said({ address: null, candidates: null, costMicroUsd: 0, latencyMs: null }));
  figures.compare({
    answerProvider: 'stt/cheap',
    provider: 'stt/shadow',
    answered: 'um dois três quatro',
    heard: 'um dois seis quatro',
    outcome: 'answered',
    durationMs: 1,
  });
  const [cheap, ...others] = figures.providers();
  t.match(cheap, {
    address: 'stt/cheap',
    utterances: 4,
    share: 4 / 6,
    costMicroUsd: 120,
    acceptance: { rate: 0.5, of: 2 },
    shadow: { rate: 0.25, utterances: 1, words: 4 },
    latencyMs: { known: 3 },
  });
  t.equal(Math.round(cheap?.microUsdPerMinute ?? 0), 900, '120 for 8 s of speech');
  t.ok(Math.abs((cheap?.latencyMs?.p50 ?? 0) - 500) < 6);
  t.same(new Set(others.map(({ address }) => address)), new Set(['stt/dear', null, 'stt/shadow']));
  // 2 × (50−10)·2 + 0 (the dearest answered) + (90−10)·2; where only one has a price, nothing is known.
  t.same(figures.saving(), {
    utterances: 4,
    known: 4 / 6,
    chosenMicroUsd: 20 + 20 + 100 + 20,
    dearestMicroUsd: 100 + 100 + 100 + 180,
    savedMicroUsd: 320,
  });
  t.end();
});
