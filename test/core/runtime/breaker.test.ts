import fc from 'fast-check';
import t from 'tap';
import { Breaker, type BreakerState } from '../../../core/runtime/breaker.ts';

/** What can happen to a candidate. `earlierMs`: how long ago the attempt began that ends now. */
type Happening = { afterMs: number } & (
  | { what: 'failed'; isOutage: boolean; earlierMs: number }
  | { what: 'answered'; earlierMs: number }
  | { what: 'refused' | 'doubted' | 'found-well' | 'forgiven' }
  | { what: 'asked'; tells: boolean | null; tookMs: number }
);

const afterMs = fc.oneof(fc.nat(300), fc.nat(3000), fc.nat(60_000));
const earlierMs = fc.oneof(fc.constant(0), fc.nat(8000));
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ afterMs, what: fc.constant('failed' as const), isOutage: fc.boolean(), earlierMs }),
  },
  { weight: 4, arbitrary: fc.record({ afterMs, what: fc.constant('answered' as const), earlierMs }) },
  {
    weight: 4,
    arbitrary: fc.record({
      afterMs,
      what: fc.constant('asked' as const),
      tells: fc.constantFrom(true, false, null),
      tookMs: fc.nat(6000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      afterMs,
      what: fc.constantFrom('refused' as const, 'doubted' as const, 'found-well' as const, 'forgiven' as const),
    }),
  },
);

/**
 * The same by its definition, without any cleverness: every attempt since the last rest is remembered with its second, and
 * every question is answered by looking through them.
 */
class NaiveModel {
  state: BreakerState = 'closed';
  sinceMs = 0;
  untilMs = 0;
  attempts: { second: number; failed: boolean }[] = [];
  rests: { ms: number; endedAtMs: number }[] = [];
  restMs = 0;
  onTrust = false;
  beforeProbe: BreakerState = 'closed';
  version = 0;

  become(state: BreakerState, nowMs: number, untilMs: number): void {
    this.state = state;
    this.sinceMs = nowMs;
    this.untilMs = untilMs;
    this.version += 1;
  }

  isRest(): boolean {
    return this.state === 'open' || (this.state === 'half_open' && this.beforeProbe === 'open');
  }

  open(nowMs: number, isAgain = this.isRest()): void {
    const last = this.rests.at(-1);
    const goesOn = isAgain || (last !== undefined && nowMs - last.endedAtMs < 30_000);
    const before = isAgain ? this.restMs : (last?.ms ?? 0);
    this.restMs = goesOn ? Math.min(before * 2, 160_000) : 10_000;
    this.onTrust = false;
    this.become('open', nowMs, nowMs + Math.min(this.restMs, 120_000));
  }

  close(nowMs: number, onTrust: boolean): void {
    if (this.isRest()) {
      this.rests.push({ ms: this.restMs, endedAtMs: nowMs });
      this.attempts = [];
    }
    this.onTrust = onTrust;
    this.become('closed', nowMs, nowMs);
  }

  failed(nowMs: number, begunAtMs: number, isOutage: boolean): void {
    if (this.state === 'closed' && begunAtMs < this.sinceMs) return;
    this.attempts.push({ second: Math.floor(nowMs / 1000), failed: true });
    if (this.state !== 'closed' && this.state !== 'suspected') return;
    const window = this.attempts.filter(({ second }) => second > Math.floor(nowMs / 1000) - 30);
    const failures = window.filter((each) => each.failed).length;
    if ((window.length >= 5 && failures * 2 >= window.length) || this.onTrust) this.open(nowMs);
    else if (isOutage && this.state === 'closed') this.become('suspected', nowMs, nowMs + 500);
  }

  answered(nowMs: number, sentAtMs: number): void {
    this.attempts.push({ second: Math.floor(nowMs / 1000), failed: false });
    if (this.state === 'closed') this.onTrust = false;
    else if (sentAtMs >= this.sinceMs) this.close(nowMs, false);
  }
}

/** What is going on with the probe that is under way. */
interface Probe {
  ticket: number;
  version: number;
  tells: boolean | null;
  atMs: number;
}

t.test('it does what its definition says, whatever happens in whatever order', async (t) => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
      const breaker = new Breaker(() => 0.5, true);
      const model = new NaiveModel();
      let nowMs = 0;
      let probe: Probe | undefined;
      const probeEnds = (atMs: number) => {
        if (!probe || probe.atMs > atMs) return;
        const { ticket, version, tells } = probe;
        probe = undefined;
        breaker.told(nowMs, ticket, tells);
        if (version !== model.version) return;
        if (tells) model.close(nowMs, true);
        else if (tells === null) model.become(model.beforeProbe, nowMs, nowMs + 10_000);
        else model.open(nowMs);
      };
      for (const each of happenings) {
        nowMs += each.afterMs;
        probeEnds(nowMs);
        if (each.what === 'failed') {
          breaker.failed(nowMs, nowMs - each.earlierMs, each.isOutage);
          model.failed(nowMs, nowMs - each.earlierMs, each.isOutage);
        } else if (each.what === 'answered') {
          breaker.answered(nowMs, nowMs - each.earlierMs);
          model.answered(nowMs, nowMs - each.earlierMs);
        } else if (each.what === 'refused') {
          breaker.trip(nowMs);
          if (model.state === 'closed' || model.state === 'suspected') model.open(nowMs);
        } else if (each.what === 'doubted') {
          breaker.suspect(nowMs);
          if (model.state === 'closed') model.become('suspected', nowMs, nowMs + 500);
        } else if (each.what === 'found-well') {
          breaker.hurry(nowMs);
          if (model.state === 'open') model.untilMs = Math.min(model.untilMs, nowMs);
        } else if (each.what === 'forgiven') {
          breaker.forgive(nowMs);
          model.close(nowMs, false);
          model.attempts = [];
          model.rests = [];
        } else if (each.what === 'asked') {
          const isDue = (model.state === 'suspected' || model.state === 'open') && nowMs >= model.untilMs;
          if (breaker.isDue(nowMs) !== isDue) return false;
          if (isDue) {
            model.beforeProbe = model.state;
            model.become('half_open', nowMs, nowMs);
            probe = {
              ticket: breaker.asked(nowMs),
              version: model.version,
              tells: each.tells,
              atMs: nowMs + each.tookMs,
            };
          }
        }
        const seen = { state: breaker.state, sinceMs: breaker.sinceMs, untilMs: breaker.untilMs };
        const meant = { state: model.state, sinceMs: model.sinceMs, untilMs: model.untilMs };
        if (JSON.stringify(seen) !== JSON.stringify(meant)) {
          throw new Error(`${JSON.stringify(seen)} instead of ${JSON.stringify(meant)}`);
        }
      }
      return true;
    }),
    { numRuns: 3000 },
  );
  t.pass('three thousand histories');
});

t.test('half of five attempts failing opens it; four do not, nor five of eleven', async (t) => {
  const breaker = new Breaker(() => 0.5, true);
  for (let failure = 0; failure < 4; failure++) breaker.failed(100, 0, false);
  t.equal(breaker.state, 'closed');
  breaker.failed(200, 0, false);
  t.equal(breaker.state, 'open');
  const steady = new Breaker(() => 0.5, true);
  for (let answer = 0; answer < 6; answer++) steady.answered(100, 0);
  for (let failure = 0; failure < 5; failure++) steady.failed(200, 0, false);
  t.equal(steady.state, 'closed');
  steady.failed(300, 0, false);
  t.equal(steady.state, 'open', 'six of twelve');
});

t.test('what failed more than half a minute ago is forgotten: nobody speaking is normal', async (t) => {
  const breaker = new Breaker(() => 0.5, true);
  for (let failure = 0; failure < 4; failure++) breaker.failed(500, 0, false);
  breaker.failed(30_500, 30_000, false);
  t.equal(breaker.state, 'closed');
  t.same(breaker.counts(30_500), { attempts: 1, failed: 1 });
});

t.test('each rest doubles the one before it to two minutes, a fifth more or less', async (t) => {
  for (const [random, share] of [
    [0, 0.8],
    [0.5, 1],
    [0.999_999, 1.2],
  ] as const) {
    const breaker = new Breaker(() => random, true);
    breaker.trip(0);
    const rests: number[] = [];
    for (let nowMs = 0; rests.length < 6; nowMs = breaker.untilMs) {
      if (nowMs > 0) breaker.told(nowMs, breaker.asked(nowMs), false);
      rests.push(Math.round((breaker.untilMs - breaker.sinceMs) / share / 1000));
    }
    t.same(rests, [10, 20, 40, 80, 120, 120]);
  }
});

t.test('without probes a rest ends by time, and the first attempt after it decides', async (t) => {
  const breaker = new Breaker(() => 0.5, false);
  breaker.failed(0, 0, true);
  t.match(breaker, { state: 'open', untilMs: 10_000 }, 'nobody can dispel the doubt');
  breaker.failed(5000, 4000, true);
  t.equal(breaker.restsUntilMs(), 10_000, 'a last resort that fails as expected changes nothing');
  breaker.failed(10_500, 10_100, true);
  t.equal(breaker.restsUntilMs(), 30_500);
  breaker.answered(31_000, 30_600);
  t.equal(breaker.restsUntilMs(), 0);
});
