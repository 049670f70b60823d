import t from 'tap';
import { ProviderError } from '../../../core/contracts/index.ts';
import { sayTo, toldOf, vendorOf } from '../../helpers/outages.ts';
import { sttHouse } from '../../helpers/runtime-house.ts';
import { fault, never } from '../../helpers/scripted-provider.ts';

/** Two batch vendors, the first of which fails. */
function arrange(code: Parameters<typeof fault>[0] | null = null, options: { stalls?: boolean } = {}) {
  const a = vendorOf('a', options);
  const b = vendorOf('b');
  if (code) a.state.fault = fault(code);
  const house = sttHouse([a.stt, b.stt], { probes: true });
  const state = () => house.health.status().find(({ address }) => address === 'stt/a')?.state;
  return { a, b, house, state, told: toldOf(house) };
}

t.test('an outage costs one utterance of the process: then a probe is sent, and customers go elsewhere', async (t) => {
  const { a, house, state } = arrange('timeout', { stalls: true });
  const outcome = await sayTo(house);
  t.match(outcome, { address: 'stt/b', attempts: [{ address: 'stt/a', error: { code: 'timeout' } }, {}] });
  t.equal(state(), 'suspected');
  for (let session = 0; session < 5; session++) {
    t.match(await sayTo(house, house.runner()), { address: 'stt/b', attempts: { length: 1 } });
  }
  await house.clock.advance(9000);
  t.same(a.asked(), { words: 1, probes: 1 });
  t.equal(state(), 'open', 'the probe stalled as well');
});

t.test('a vendor that is back is found by one probe, and gets the utterance after it', async (t) => {
  const { a, house, state } = arrange('connection');
  await sayTo(house);
  await house.clock.advance(1000);
  t.equal(state(), 'open');
  a.state.fault = null;
  t.equal((await sayTo(house)).address, 'stt/b', 'while it rests nobody asks');
  t.equal(a.asked().probes, 1);
  await house.clock.advance(10_000);
  t.equal((await sayTo(house)).address, 'stt/b', 'the one that is passed over is asked with the clip beside it');
  t.same(a.asked(), { words: 2, probes: 2 });
  t.equal((await sayTo(house)).address, 'stt/a');
});

t.test('nobody speaking, nobody is probed', async (t) => {
  const { a, house } = arrange('connection');
  await sayTo(house);
  await house.clock.advance(3_600_000);
  t.equal(a.asked().probes, 1, 'the one that settled the doubt');
});

t.test('a blip is over before the next sentence', async (t) => {
  const { a, house, state, told } = arrange('connection');
  const runner = house.runner();
  await sayTo(house, runner);
  a.state.fault = null;
  await house.clock.advance(600);
  t.equal(state(), 'closed');
  t.equal((await sayTo(house, runner)).address, 'stt/a');
  t.same(told, [], 'nobody needs to know');
});

t.test('a probe is believed once: one that answers the clip and no customer rests all the same', async (t) => {
  const { a, house, state } = arrange('timeout', { stalls: true });
  a.state.sparesProbes = true;
  await sayTo(house);
  await house.clock.advance(1000);
  t.equal(state(), 'closed');
  t.equal((await sayTo(house)).attempts.length, 2, 'it is tried again');
  t.equal(state(), 'open', 'and not a third time');
  t.equal((await sayTo(house)).attempts.length, 1);
});

t.test('one probe at a time, however many are passed over', async (t) => {
  const { a, house } = arrange('server');
  a.state.hears = () => never();
  await sayTo(house);
  a.state.fault = null;
  await house.clock.advance(600);
  for (let utterance = 0; utterance < 4; utterance++) await sayTo(house);
  t.equal(a.asked().probes, 1);
});

t.test('with everyone at rest they are asked in their order, and a real answer is as good as a probe', async (t) => {
  const { a, b, house, state } = arrange('connection');
  b.state.fault = fault('connection');
  t.equal((await sayTo(house)).status, 'lost');
  await house.clock.advance(12_000);
  t.equal(state(), 'open', 'its rest is over');
  const probes = a.asked().probes;
  a.state.fault = null;
  t.equal((await sayTo(house)).address, 'stt/a');
  t.equal(state(), 'closed');
  t.equal(a.asked().probes, probes, 'nobody was asked beside it');
});

t.test('a refused key rests at once, is never asked with words meanwhile, and costs no retry', async (t) => {
  for (const code of ['auth', 'quota'] as const) {
    const { a, house, state, told } = arrange(code);
    await sayTo(house);
    t.equal(state(), 'open');
    t.same(a.asked(), { words: 1, probes: 0 });
    t.same(told, [`stt/a degraded ${code}`]);
    await house.clock.advance(10_000);
    await sayTo(house);
    t.same(a.asked(), { words: 1, probes: 1 });
    t.equal(house.health.status().find(({ address }) => address === 'stt/a')?.window.failed, 0);
  }
});

t.test('a vendor that limits us rests for as long as it asked: no failure, no probe', async (t) => {
  const { a, house, state, told } = arrange();
  a.state.fault = new ProviderError({ code: 'rate_limited', retryAfterMs: 3000, message: 'devagar' });
  await sayTo(house);
  t.match(house.health.status()[1], {
    state: 'limited',
    lastError: 'rate_limited',
    window: { attempts: 0, failed: 0 },
  });
  a.state.fault = null;
  await house.clock.advance(2000);
  t.equal((await sayTo(house)).address, 'stt/b');
  await house.clock.advance(1000);
  t.equal((await sayTo(house)).address, 'stt/a');
  t.same([a.asked().probes, state(), told], [0, 'closed', []]);
});

t.test('our own bugs, refused requests and abandoned calls count against nobody', async (t) => {
  for (const code of ['invalid_request', 'aborted', 'empty'] as const) {
    const { a, house, state } = arrange(code);
    for (let utterance = 0; utterance < 6; utterance++) await sayTo(house);
    t.equal(state(), 'closed', code);
    t.equal(a.asked().words, 6, code);
    t.match(house.health.status().at(-1), { window: { failed: 0 } });
  }
  const { a, house, state } = arrange();
  a.state.hears = () => {
    throw new TypeError('a bug of the plugin');
  };
  for (let utterance = 0; utterance < 6; utterance++) await sayTo(house);
  t.equal(state(), 'closed');
});

t.test('malformed answers raise no doubt, but half of five in half a minute open it', async (t) => {
  const { a, house, state } = arrange('protocol');
  for (let utterance = 0; utterance < 4; utterance++) await sayTo(house);
  t.same([state(), a.asked()], ['closed', { words: 4, probes: 0 }]);
  await sayTo(house);
  t.equal(state(), 'open');
  await sayTo(house);
  t.equal(a.asked().words, 5);
});

t.test('failures that began before a probe found all well do not take it back', async (t) => {
  const { a, house, state } = arrange('timeout', { stalls: true });
  const [early, late] = [house.runner().begin(1).feed, house.runner().begin(1).feed];
  await house.speak(early, 10);
  const first = early.end({ durationMs: 300, snrDb: 20, class: 'fala' });
  await house.speak(late, 100);
  const second = late.end({ durationMs: 3000, snrDb: 20, class: 'fala' });
  await house.clock.until(first);
  a.state.fault = null;
  await house.clock.advance(600);
  t.equal(state(), 'closed', 'the probe found it well while the other utterance still waits');
  t.match(await house.clock.until(second), { address: 'stt/b', attempts: [{ error: { code: 'timeout' } }, {}] });
  t.equal(state(), 'closed');
});

t.test('one that comes and goes is told of once, and once more when it stays', async (t) => {
  const { a, house, told } = arrange('connection');
  for (let spell = 0; spell < 6; spell++) {
    a.state.fault = fault('connection');
    await sayTo(house);
    await house.clock.advance(13_000);
    a.state.fault = null;
    await sayTo(house);
    await house.clock.advance(13_000);
  }
  t.same(told, ['stt/a degraded connection']);
  await house.clock.advance(200_000);
  await sayTo(house);
  await house.clock.advance(30_000);
  t.same(told, ['stt/a degraded connection', 'stt/a recovered connection']);
  await house.clock.advance(3_600_000);
  t.equal(told.length, 2);
});

t.test('what listens to health cannot break it', async (t) => {
  const { house, state } = arrange('auth');
  house.health.on('change', () => {
    throw new Error('a bug of a listener');
  });
  t.equal((await sayTo(house)).address, 'stt/b');
  t.equal(state(), 'open');
});
