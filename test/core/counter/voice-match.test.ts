import t from 'tap';
import { cosine, isOnShift, matchVoice } from '../../../core/counter/voice-match.ts';
import { loadSpeakerModels, thresholdsOf } from '../../../core/counter/voice-models.ts';
import { wallClock } from '../../../core/wall-clock.ts';

const at = (weekday: number, time: string) => {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return { weekday, minute: hour * 60 + minute };
};
const shift = (weekday: number, start: string, end: string) => ({
  weekday,
  startMinute: at(0, start).minute,
  endMinute: at(0, end).minute,
});

t.test('on shift: both ends included, across midnight, and always without any', async (t) => {
  const day = [shift(0, '08:00', '18:00')];
  for (const time of ['08:00', '12:00', '18:00']) t.ok(isOnShift(day, at(0, time)), time);
  for (const time of ['07:59', '18:01']) t.notOk(isOnShift(day, at(0, time)), time);
  t.notOk(isOnShift(day, at(1, '12:00')), 'another day');
  const night = [shift(6, '22:00', '06:00')];
  for (const [weekday, time] of [
    [6, '22:00'],
    [6, '23:59'],
    [0, '00:00'],
    [0, '06:00'],
  ] as const) {
    t.ok(isOnShift(night, at(weekday, time)), `${weekday} ${time}`);
  }
  for (const [weekday, time] of [
    [6, '21:59'],
    [6, '05:00'],
    [0, '06:01'],
    [0, '22:00'],
  ] as const) {
    t.notOk(isOnShift(night, at(weekday, time)), `${weekday} ${time}`);
  }
  t.ok(isOnShift([], at(3, '03:00')));
  t.ok(isOnShift([...day, ...night], at(0, '05:00')), 'any of them');
});

t.test('the time is the client’s own: Sunday night in São Paulo is Monday in UTC', async (t) => {
  const wall = wallClock('America/Sao_Paulo').at(Date.parse('2026-11-23T01:30:00Z'));
  t.same(wall, { weekday: 6, minute: 22 * 60 + 30 });
  t.ok(isOnShift([shift(6, '22:00', '23:00')], wall));
});

t.test('somebody is recognised by score and by margin; every score is told, best first', async (t) => {
  const voices = [
    { id: 2, name: 'Bea', vector: Float32Array.of(0.6, 0.8, 0) },
    { id: 1, name: 'Ana', vector: Float32Array.of(1, 0, 0) },
    { id: 3, name: 'Caio', vector: Float32Array.of(1, 0) },
  ];
  const heard = Float32Array.of(2, 0.2, 0);
  const verdict = matchVoice(heard, voices, { score: 0.6, margin: 0.05 }, false);
  t.same(verdict.employee, { id: 1, name: 'Ana' });
  t.same(
    verdict.scores,
    [
      { id: 1, name: 'Ana', score: 0.995 },
      { id: 2, name: 'Bea', score: 0.6766 },
    ],
    'a voice of another length is not compared',
  );
  t.equal(matchVoice(heard, voices, { score: 0.999, margin: 0 }, false).employee, null, 'below the score');
  t.equal(matchVoice(heard, voices, { score: 0.6, margin: 0.4 }, false).employee, null, 'too near to the second');
  t.same(matchVoice(heard, voices.slice(1), { score: 0.6, margin: 0.9 }, true), {
    employee: { id: 1, name: 'Ana' },
    scores: [{ id: 1, name: 'Ana', score: 0.995, hint: true }],
  });
  t.same(matchVoice(heard, [], { score: 0, margin: 0 }, false), { employee: null, scores: [] });
  t.equal(cosine(Float32Array.of(0, 0), Float32Array.of(1, 1)), 0);
});

t.test('thresholds are of the model; what a client says of one holds over the file', async (t) => {
  const built = loadSpeakerModels();
  const unknown = thresholdsOf('speaker/acme:m', built, {});
  t.same(unknown, { score: 0.6, margin: 0.05, minMs: 800 });
  const hint = thresholdsOf('speaker/acoustic-voice:timbre-1', built, {});
  t.ok(
    hint.score > unknown.score && hint.margin > unknown.margin && hint.minMs > unknown.minMs,
    'a hint is more careful',
  );
  const own = thresholdsOf('speaker/acme:m', built, { models: { 'speaker/acme:m': { score: 0.7 } } });
  t.same(own, { score: 0.7, margin: 0.05, minMs: 800 });
});
