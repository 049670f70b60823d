import t from 'tap';
import { sttHouse } from '../../helpers/runtime-house.ts';
import { answers, never, scriptedStt } from '../../helpers/scripted-provider.ts';

t.test('one instance per configuration, made at first use, shared', async (t) => {
  const a = scriptedStt('a', { batch: answers });
  const house = sttHouse([a]);
  const { instances } = house;
  const candidate = house.candidate('stt/a');
  t.equal(a.made, 0);
  t.match(instances.describe(candidate), { vendor: { id: 'a' }, model: 'modelo' });
  t.equal(a.made, 0, 'describing makes nothing');
  const [one, two] = await Promise.all([instances.lease(candidate), instances.lease(candidate)]);
  t.equal(one.instance, two.instance);
  t.equal(a.made, 1);
  await instances.close();
  t.equal(a.closed, 1);
  await t.rejects(instances.lease(candidate), { code: 'unsupported' });
});

t.test('new settings make a new instance; the old one closes with its last user', async (t) => {
  const a = scriptedStt('a', { batch: answers });
  const house = sttHouse([a]);
  const candidate = house.candidate('stt/a');
  const old = await house.instances.lease(candidate);
  const other = await house.instances.lease(candidate);
  const configured = house.configured[0];
  if (!configured) throw new Error('not configured');
  house.configured[0] = { ...configured, settings: { model: 'outro' } };
  const fresh = await house.instances.lease(house.candidate('stt/a'));
  t.not(fresh.instance, old.instance);
  t.equal(fresh.model, 'outro');
  t.equal(a.closed, 0);
  old.release();
  old.release();
  await house.clock.advance(10);
  t.equal(a.closed, 0, 'somebody still speaks through it');
  other.release();
  await house.clock.advance(10);
  t.equal(a.closed, 1);
  fresh.release();
  await house.clock.advance(10);
  t.equal(a.closed, 1, 'the one in force stays');
});

t.test('the same settings in another order are the same configuration', async (t) => {
  const a = scriptedStt('a', { batch: answers });
  const house = sttHouse([a]);
  const configured = house.configured[0];
  if (!configured) throw new Error('not configured');
  house.configured[0] = { ...configured, settings: { model: 'x', b: { d: 1, c: 2 } } };
  const before = house.instances.describe(house.candidate('stt/a'))?.configuration;
  house.configured[0] = { ...configured, settings: { b: { c: 2, d: 1 }, model: 'x' } };
  t.equal(house.instances.describe(house.candidate('stt/a'))?.configuration, before);
});

t.test('a plugin that throws while it is made is named, and tried again at the next use', async (t) => {
  let isBroken = true;
  const a = scriptedStt('a', {
    batch: answers,
    create: () => {
      if (isBroken) throw new Error('sk-secret is not a key');
    },
  });
  const house = sttHouse([a]);
  const { instances, log } = house;
  const candidate = house.candidate('stt/a');
  await t.rejects(instances.lease(candidate), { code: 'unsupported', blame: 'config' });
  t.match(log.lines.join(), 'stt/a');
  t.notMatch(log.lines.join(), 'sk-secret');
  isBroken = false;
  t.ok(await instances.lease(candidate));
});

t.test('a plugin that hangs while it closes is left behind after 2 s, by name', async (t) => {
  const a = scriptedStt('a', { batch: answers, close: () => never() });
  const house = sttHouse([a]);
  const { instances, clock, log } = house;
  await instances.warm([house.candidate('stt/a')]);
  await clock.until(instances.close(), 2000);
  t.equal(clock.now(), 2000);
  t.match(log.lines.join(), 'stt/a');
});

t.test('a candidate whose plugin is gone is no candidate', async (t) => {
  const candidate = sttHouse([scriptedStt('a', { batch: answers })]).candidate('stt/a');
  const { instances } = sttHouse([]);
  t.equal(instances.describe(candidate), null);
  await t.rejects(instances.lease(candidate), { code: 'unsupported' });
});

t.test('a change closes at once what nobody uses, and keeps what somebody does', async (t) => {
  const [a, b] = [scriptedStt('a', { batch: answers }), scriptedStt('b', { batch: answers })];
  const house = sttHouse([a, b]);
  const { instances } = house;
  await instances.warm([house.candidate('stt/a'), house.candidate('stt/b')]);
  const used = await instances.lease(house.candidate('stt/b'));
  instances.places(house.candidate('stt/a'), 3);
  t.same(instances.open, { instances: 2, sockets: 0 });
  house.configured.splice(0, house.configured.length);
  await instances.sweep();
  t.same([a.closed, b.closed], [1, 0]);
  used.release();
  await house.clock.advance(10);
  t.same([a.closed, b.closed], [1, 1]);
  t.same(instances.open, { instances: 0, sockets: 0 });
});
