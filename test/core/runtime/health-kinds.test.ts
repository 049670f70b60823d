import t from 'tap';
import type { UtteranceFacts } from '../../../core/runtime/types.ts';
import { sayTo, toldOf, vendorOf } from '../../helpers/outages.ts';
import { type RuntimeHouse, sttHouse } from '../../helpers/runtime-house.ts';
import { answers, fault, type StreamScript, scriptedStt, streams } from '../../helpers/scripted-provider.ts';

/** Two seconds of speech that nobody should take for nothing. */
const CLEAR: UtteranceFacts = { durationMs: 2600, speechMs: 2000, snrDb: 18, class: 'fala' };

function stateOf(house: RuntimeHouse, address: string) {
  return house.health.status().find((each) => each.address === address);
}

t.test('a stream that refuses connections is probed by a stream', async (t) => {
  let isDown = true;
  const script: StreamScript = {
    ...streams,
    open: () => {
      if (isDown) throw fault('connection');
    },
  };
  const a = scriptedStt('a', { stream: script, batch: answers });
  const house = sttHouse([a, scriptedStt('b', { batch: answers })], { probes: true });
  await sayTo(house);
  isDown = false;
  await house.clock.advance(2000);
  t.equal(stateOf(house, 'stt/a')?.state, 'closed');
  t.equal(a.calls.length, 0, 'its batch door may be open while the other one is shut');
  const probe = a.streams.at(-1);
  t.ok((probe?.heard.length ?? 0) > 16_000, 'more than a second of the clip');
  t.ok(probe?.isClosed, 'and its connection is closed');
});

t.test('a stream that accepts audio and says nothing is left by one utterance only', async (t) => {
  const a = scriptedStt('a', { stream: {} });
  const house = sttHouse([a, scriptedStt('b', { batch: answers })], { probes: true });
  t.match(await sayTo(house), { address: 'stt/b', attempts: [{ error: { code: 'timeout' } }, {}] });
  for (let session = 0; session < 4; session++) t.match(await sayTo(house), { attempts: { length: 1 } });
  await house.clock.advance(5000);
  t.equal(stateOf(house, 'stt/a')?.state, 'open');
  t.equal(a.streams.length, 2, 'one utterance, one probe');
});

t.test('silence that another one hears as silence too is nobody’s fault', async (t) => {
  const a = scriptedStt('a', { stream: {} });
  const house = sttHouse([a, scriptedStt('b', { batch: () => ({ text: '', model: 'modelo' }) })], { probes: true });
  t.match(await sayTo(house), { status: 'empty', address: 'stt/b' });
  t.match(stateOf(house, 'stt/a'), { state: 'closed', window: { attempts: 0 } });
});

/** A vendor with three keys. */
function withKeys(house: RuntimeHouse, address: string): void {
  const at = house.configured.findIndex((each) => each.address === address);
  const configured = house.configured[at];
  if (!configured) throw new Error(address);
  house.configured[at] = { ...configured, credentials: [{}, {}, {}], fingerprints: ['k1', 'k2', 'k3'] };
}

t.test('an outage found with one key holds for the vendor’s other keys', async (t) => {
  const a = vendorOf('a');
  const house = sttHouse([a.stt, vendorOf('b').stt], { probes: true });
  withKeys(house, 'stt/a');
  a.state.fault = fault('connection');
  await sayTo(house);
  t.equal(a.asked().words, 2, 'one key, and its retry');
  for (let session = 0; session < 4; session++) await sayTo(house);
  t.equal(a.asked().words, 2);
  await house.clock.advance(1000);
  a.state.fault = null;
  await house.clock.advance(12_000);
  await sayTo(house);
  await sayTo(house);
  t.same(
    house.health
      .status()
      .map(({ address, credential, state }) => `${address} ${credential} ${state}`)
      .sort(),
    ['stt/a k1 closed', 'stt/a k2 closed', 'stt/a k3 closed', stateLine(house, 'stt/b')],
  );
});

function stateLine(house: RuntimeHouse, address: string): string {
  const status = stateOf(house, address);
  return `${address} ${status?.credential} ${status?.state}`;
}

t.test('a key that is refused, or limited, says nothing of the others', async (t) => {
  for (const code of ['auth', 'quota', 'rate_limited'] as const) {
    const a = vendorOf('a');
    const house = sttHouse([a.stt, vendorOf('b').stt], { probes: true });
    withKeys(house, 'stt/a');
    house.health.failed(house.candidate('stt/a', 1), fault(code));
    const used = new Set<string>();
    for (let utterance = 0; utterance < 4; utterance++) used.add((await sayTo(house)).address ?? '');
    t.same([...used], ['stt/a'], code);
    t.equal(house.health.uses(house.candidate('stt/a', 1)), 0, code);
  }
});

t.test('a model set by settings has a health of its own, and so has another server', async (t) => {
  const house = sttHouse([vendorOf('a').stt]);
  const candidate = house.candidate('stt/a');
  const like = (settings: Record<string, unknown>) => ({
    ...candidate,
    provider: { ...candidate.provider, settings: { ...candidate.provider.settings, ...settings } },
  });
  house.health.failed(candidate, fault('auth'));
  t.ok(house.health.restsUntilMs(candidate) > 0);
  t.ok(house.health.restsUntilMs(like({ keyterms: true })) > 0, 'other settings are no other service');
  t.equal(house.health.restsUntilMs(like({ model: 'outro' })), 0);
  t.equal(house.health.restsUntilMs(like({ baseUrl: 'https://eu.acme.example/v1?chave=segredo' })), 0);
  t.notMatch(JSON.stringify(house.health.status()), /segredo/);
});

/** `a` hears nothing from now on; `b` stands behind it. */
function deafened() {
  const a = vendorOf('a');
  const b = vendorOf('b');
  const house = sttHouse([a.stt, b.stt], { probes: true });
  a.state.hears = () => ({ text: '', model: 'modelo' });
  return { a, b, house, told: toldOf(house) };
}

/** Others are asked too: a comparison, another client's list. */
function heardElsewhere(house: RuntimeHouse, times: number, isEmpty = false): void {
  const candidate = house.candidate('stt/b');
  for (let time = 0; time < times; time++) {
    house.health.answered(candidate, { sentAtMs: house.clock.now(), isEmpty, facts: CLEAR });
  }
}

t.test('one that hears nothing where others hear words goes last, and that is said', async (t) => {
  const { a, house, told } = deafened();
  heardElsewhere(house, 10);
  for (let utterance = 0; utterance < 15; utterance++) {
    t.equal((await sayTo(house, house.runner(), CLEAR)).address, 'stt/a', 'an empty answer is an answer');
  }
  t.match(stateOf(house, 'stt/a'), { degraded: false });
  await sayTo(house, house.runner(), CLEAR);
  t.match(stateOf(house, 'stt/a'), { degraded: true, state: 'closed' });
  t.same(told, ['stt/a degraded empty']);
  t.equal((await sayTo(house, house.runner(), CLEAR)).address, 'stt/b');
  t.equal(a.asked().probes, 0);
});

t.test('a degraded one goes after one that rests', async (t) => {
  const { b, house } = deafened();
  heardElsewhere(house, 10);
  for (let utterance = 0; utterance < 16; utterance++) await sayTo(house, house.runner(), CLEAR);
  b.state.fault = fault('connection');
  await sayTo(house);
  b.state.fault = null;
  t.equal((await sayTo(house)).address, 'stt/b', 'words that wait are better than words that are lost');
});

t.test('where nobody hears words there was nothing to hear', async (t) => {
  const { house, told } = deafened();
  heardElsewhere(house, 6);
  heardElsewhere(house, 6, true);
  for (let utterance = 0; utterance < 30; utterance++) await sayTo(house, house.runner(), CLEAR);
  t.same([stateOf(house, 'stt/a')?.degraded, told], [false, []]);
});

t.test('short, noisy and unmeasured utterances are no evidence', async (t) => {
  const { house } = deafened();
  heardElsewhere(house, 10);
  const doubtful: UtteranceFacts[] = [
    { ...CLEAR, speechMs: 1500 },
    { ...CLEAR, snrDb: 10 },
    { ...CLEAR, snrDb: null },
    { durationMs: 5000, snrDb: 20, class: 'fala' },
  ];
  for (const facts of doubtful) {
    for (let utterance = 0; utterance < 20; utterance++) await sayTo(house, house.runner(), facts);
  }
  t.equal(stateOf(house, 'stt/a')?.degraded, false);
});

t.test('where nobody else is asked, the words of the clip decide', async (t) => {
  const { a, house, told } = deafened();
  for (let utterance = 0; utterance < 16; utterance++) await sayTo(house, house.runner(), CLEAR);
  await house.clock.advance(1000);
  t.equal(a.asked().probes, 1);
  t.same(told, ['stt/a degraded empty']);
  const honest = vendorOf('a');
  const quiet = sttHouse([honest.stt], { probes: true });
  honest.state.hears = (audio) => ({ text: audio.pcm.length > 16_000 ? 'um dois três' : '', model: 'modelo' });
  for (let utterance = 0; utterance < 40; utterance++) await sayTo(quiet, quiet.runner(), CLEAR);
  t.equal(stateOf(quiet, 'stt/a')?.degraded, false, 'it hears the clip: people mumbled');
  t.equal(honest.asked().probes, 2, 'asked once per sixteen');
});

t.test('a degraded one is asked now and then, and comes back when it hears the clip', async (t) => {
  const { a, house, told } = deafened();
  heardElsewhere(house, 10);
  for (let utterance = 0; utterance < 16; utterance++) await sayTo(house, house.runner(), CLEAR);
  a.state.hears = answers;
  await sayTo(house);
  t.equal(a.asked().probes, 0, 'not at once');
  await house.clock.advance(300_000);
  t.equal((await sayTo(house)).address, 'stt/b');
  t.equal(a.asked().probes, 1);
  t.equal((await sayTo(house)).address, 'stt/a');
  await house.clock.advance(30_000);
  t.same(told, ['stt/a degraded empty', 'stt/a recovered empty']);
});
