import { readFileSync } from 'node:fs';
import t from 'tap';
import type { Usage } from '../../../core/contracts/index.ts';
import { loadPrices, PriceBook } from '../../../core/runtime/prices.ts';
import { keptLog } from '../../helpers/provider.ts';

const clock = { date: () => new Date('2026-11-21T12:00:00Z') };
const base = { of: 'audio_in', unit: 'second', microUsd: 60, per: 60, from: '2026-01-01', source: 'teste' };

function book(...prices: object[]) {
  const log = keptLog();
  return { log, prices: new PriceBook({ version: '2026-11-21', prices }, { clock, log }) };
}

function seconds(quantity: number, model = 'm'): Usage[] {
  return [{ unit: 'second', quantity, of: 'audio_in', model }];
}

t.test('golden cases', async (t) => {
  const { prices } = book(
    { ...base, provider: 'stt/plain', model: 'm' },
    { ...base, provider: 'stt/rounded', model: 'm', increment: 15 },
    { ...base, provider: 'stt/least', model: 'm', minimum: 10 },
    { ...base, provider: 'stt/two', model: 'm', mode: 'batch', microUsd: 120 },
    { ...base, provider: 'stt/two', model: 'm', mode: 'stream', microUsd: 600 },
    { ...base, provider: 'stt/dated', model: 'm', microUsd: 600, from: '2026-06-01' },
    { ...base, provider: 'stt/dated', model: 'm', microUsd: 6000, from: '2027-01-01' },
    { ...base, provider: 'stt/dated', model: 'm' },
    { ...base, provider: 'llm/x', model: '*', of: 'text_in', unit: 'token', microUsd: 2_000_000, per: 1_000_000 },
    { ...base, provider: 'llm/x', model: 'big', of: 'text_in', unit: 'token', microUsd: 8_000_000, per: 1_000_000 },
    { ...base, provider: 'llm/x', model: 'big', of: 'text_out', unit: 'token', microUsd: 0, per: 1_000_000 },
  );
  const cost = (address: string, usage: Usage[], mode: 'batch' | 'stream' = 'batch') =>
    prices.costMicroUsd(address, mode, usage);
  t.equal(cost('stt/plain', seconds(90)), 90);
  t.equal(cost('stt/plain:m', seconds(0.4)), 0, 'rounded once, to whole millionths');
  t.equal(cost('stt/plain', seconds(0.6)), 1);
  t.equal(cost('stt/rounded', seconds(16)), 30);
  t.equal(cost('stt/rounded', seconds(15.000000000001)), 15, 'a sum of floats is no second more');
  t.equal(cost('stt/least', seconds(2)), 10);
  t.equal(cost('stt/two', seconds(60)), 120);
  t.equal(cost('stt/two', seconds(60), 'stream'), 600);
  t.equal(cost('stt/dated', seconds(60)), 600, 'the newest that holds today');
  const tokens = (of: Usage['of'], model: string): Usage[] => [{ unit: 'token', quantity: 1000, of, model }];
  t.equal(cost('llm/x', tokens('text_in', 'small')), 2000);
  t.equal(cost('llm/x', tokens('text_in', 'big-2026-03-01')), 8000, 'a dated version of a model');
  t.equal(cost('llm/x', tokens('text_in', 'bigger')), 2000, 'another model whose name begins alike');
  t.equal(cost('llm/x', tokens('text_in_cached', 'big')), 8000);
  t.equal(
    cost('llm/x', [...tokens('text_in', 'big'), ...tokens('text_out', 'big')]),
    8000,
    'free output hides no input',
  );
  t.equal(cost('stt/plain', seconds(Number.NaN)), 0);
  t.equal(cost('stt/plain', seconds(-5)), 0);
});

t.test('minutes are counted in the seconds that were reported, and channels where they are billed', async (t) => {
  const { prices } = book(
    { ...base, provider: 'stt/minute', model: 'm', unit: 'minute', microUsd: 4500, per: 1, increment: 1 },
    { ...base, provider: 'stt/channels', model: 'm', perChannel: true },
    { ...base, provider: 'stt/mixed', model: 'm' },
  );
  const two = seconds(60).map((used) => ({ ...used, channels: 2 }));
  t.equal(prices.costMicroUsd('stt/minute', 'batch', seconds(61)), 9000, 'a minute that has begun is billed');
  t.equal(prices.costMicroUsd('stt/minute', 'batch', seconds(60)), 4500);
  t.equal(prices.costMicroUsd('stt/channels', 'batch', two), 120);
  t.equal(prices.costMicroUsd('stt/channels', 'batch', seconds(60)), 60);
  t.equal(prices.costMicroUsd('stt/mixed', 'batch', two), 60);
});

t.test('the rate to reais is dated data: the newest that holds today', async (t) => {
  const rate = (brlPerUsd: number, from: string) => ({ brlPerUsd, from, source: 'teste' });
  const exchange = [rate(5, '2026-01-01'), rate(9, '2027-01-01'), rate(6, '2026-06-01')];
  const of = (given: object) =>
    new PriceBook({ version: '2026-11-21', prices: [], ...given }, { clock, log: keptLog() });
  t.match(of({ exchange }).exchange(), { brlPerUsd: 6, from: '2026-06-01' });
  t.equal(of({}).exchange(), null);
  t.throws(() => of({ exchange: [rate(0, '2026-01-01')] }), {
    code: 'BALTO_PRICES_INVALID',
    field: 'prices.exchange.0.brlPerUsd',
  });
  t.ok((loadPrices({ clock, log: keptLog() }).exchange()?.brlPerUsd ?? 0) > 0, 'the book that ships has one');
});

t.test('the parts of a bill are whole millionths that add up to it', async (t) => {
  const price = { ...base, provider: 'llm/x', model: '*', unit: 'token', microUsd: 0.4, per: 1 };
  const { prices } = book({ ...price, of: 'text_in' }, { ...price, of: 'text_out' });
  const used = (of: Usage['of']): Usage => ({ unit: 'token', quantity: 1, of, model: 'm' });
  const usage = [used('text_in'), used('text_out'), used('text_in')];
  const costs = prices.costsMicroUsd('llm/x', 'batch', usage);
  t.same(costs, [0, 1, 0], '0.4, 0.8 and 1.2, rounded as they add up');
  t.equal(
    costs.reduce((sum, cost) => sum + cost, 0),
    prices.costMicroUsd('llm/x', 'batch', usage),
  );
});

t.test('a price nobody knows is said once, and is not "free"', async (t) => {
  const { prices, log } = book();
  for (let times = 0; times < 3; times++) t.equal(prices.costMicroUsd('stt/new', 'batch', seconds(60)), 0);
  t.equal(log.lines.length, 1);
});

t.test('a price table that makes no sense is refused with its field', async (t) => {
  t.throws(() => book({ ...base, provider: 'stt/a', model: 'm', per: 0 }), {
    code: 'BALTO_PRICES_INVALID',
    field: 'prices.prices.0.per',
  });
  t.throws(() => loadPrices({ clock, log: keptLog(), file: '/nowhere.json' }), { code: 'BALTO_PRICES_INVALID' });
});

t.test('the table that ships is valid, dated and sourced', async (t) => {
  const prices = loadPrices({ clock, log: keptLog() });
  t.match(prices.version, /^\d{4}-\d{2}-\d{2}$/);
  const file = JSON.parse(readFileSync(new URL('../../../config/prices.json', import.meta.url), 'utf8'));
  for (const price of file.prices) t.ok(price.from <= prices.version && price.source.length > 3, price.provider);
  const keys = file.prices.map((price: Record<string, unknown>) =>
    [price['provider'], price['model'], price['mode'], price['of'], price['from']].join(),
  );
  t.equal(new Set(keys).size, keys.length, 'no price is there twice');
});

t.test('providers are compared by a minute of speech and a usual question, whatever they bill by', async (t) => {
  const { prices, log } = book(
    { ...base, provider: 'stt/acme', model: '*', microUsd: 6000 },
    { ...base, provider: 'stt/acme', model: '*', mode: 'stream', microUsd: 9000, from: '2026-02-01' },
    { ...base, provider: 'stt/tokens', model: 'm', unit: 'token', microUsd: 5, per: 1 },
    { ...base, provider: 'llm/x', model: 'm', of: 'text_in', unit: 'token', microUsd: 1, per: 1 },
    { ...base, provider: 'llm/x', model: 'm', of: 'text_out', unit: 'token', microUsd: 10, per: 1 },
    { ...base, provider: 'stt/tomorrow', model: 'm', from: '2026-12-01' },
  );
  t.equal(prices.estimateMicroUsd('stt/acme:big', 'batch', 'big'), 6000);
  t.equal(prices.estimateMicroUsd('stt/acme', 'stream', 'big'), 9000);
  t.equal(prices.estimateMicroUsd('stt/tokens', 'batch', 'm'), 3000);
  t.equal(prices.estimateMicroUsd('llm/x', 'batch', 'm'), 4000);
  t.same(
    [prices.estimateMicroUsd('stt/tomorrow', 'batch', 'm'), prices.estimateMicroUsd('llm/x', 'batch', 'n')],
    [null, null],
  );
  t.same(log.lines, [], 'nothing was billed, so nothing is missed');
});

t.test('the configuration stands over the file: an own price, an earlier day, and back', async (t) => {
  const { prices } = book(
    { ...base, provider: 'stt/acme', model: 'm', microUsd: 60, from: '2026-08-01' },
    { ...base, provider: 'stt/acme', model: 'm', microUsd: 600, from: '2026-12-01' },
    { ...base, provider: 'stt/acme', model: 'm', unit: 'request', per: 1, microUsd: 5, from: '2026-08-01' },
  );
  const on = (day: string) => prices.costsMicroUsd('stt/acme', 'batch', seconds(60), new Date(`${day}T12:00:00Z`))[0];
  t.same([on('2026-07-31'), on('2026-08-01'), on('2026-12-01')], [0, 60, 600]);
  t.equal(prices.version, '2026-11-21');
  const own = { provider: 'stt/acme', model: 'm', of: 'audio_in', unit: 'minute', per: 1, source: 'contrato' } as const;
  const ours = { ...own, microUsd: 30, from: '2026-08-01' };
  const earlier = { ...own, mode: 'batch' as const, microUsd: 20, from: '2026-07-01' };
  prices.use({ prices: [ours, earlier], exchange: [{ brlPerUsd: 6, from: '2026-11-20', source: 'banco' }] });
  t.same([on('2026-06-30'), on('2026-07-31'), on('2026-08-01'), on('2026-12-01')], [0, 20, 30, 600]);
  t.match(prices.version, /^2026-11-21\+[\w-]{8}$/);
  t.equal(prices.exchange()?.brlPerUsd, 6);
  t.equal(prices.costMicroUsd('stt/acme', 'batch', [{ ...seconds(1)[0]!, unit: 'request' }]), 5, 'another unit stays');
  t.equal(prices.prices.length, 4, 'of two for the same day, ours');
  prices.use(null);
  t.same([on('2026-07-31'), on('2026-08-01'), prices.version, prices.exchange()], [0, 60, '2026-11-21', null]);
});

t.test('a price begins and ends with the day of the shop, as costs are summed', async (t) => {
  const dated = [
    { ...base, provider: 'stt/dated', model: 'm', microUsd: 600 },
    { ...base, provider: 'stt/dated', model: 'm', microUsd: 6000, from: '2026-11-22' },
  ];
  const { prices } = book(...dated);
  const at = (moment: string) => prices.costsMicroUsd('stt/dated', 'batch', seconds(60), new Date(moment));
  t.same([at('2026-11-22T02:59:59Z'), at('2026-11-22T03:00:00Z')], [[600], [6000]]);
  const log = keptLog();
  const late = new PriceBook(
    { version: '2026-11-21', prices: dated },
    { clock: { date: () => new Date('2026-11-22T01:00:00Z') }, log },
  );
  t.equal(late.costMicroUsd('stt/dated', 'batch', seconds(60)), 600, 'still the 21st there');
});
