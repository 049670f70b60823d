import t from 'tap';
import { PRESETS, presetOf, tagsOf } from '../../../plugins/panel/web/src/pages/counters/presets.ts';
import { qualityOf, speechSeconds } from '../../../plugins/panel/web/src/pages/employees/quality.ts';
import { shiftsOf, weekOf } from '../../../plugins/panel/web/src/pages/employees/shifts.ts';
import { isRunning, stepStates } from '../../../plugins/panel/web/src/pages/start/steps.ts';
import {
  closeFault,
  microphoneFault,
  recordingFormat,
  socketUrl,
} from '../../../plugins/panel/web/src/pages/virtual/faults.ts';
import { cardOf, withTold, withTranscript } from '../../../plugins/panel/web/src/pages/virtual/heard.ts';

const NOTHING = { hasClient: false, canHear: false, counters: 0, isCounterSkipped: false, wasHeard: false };

t.test('the first step that is missing is the one to do; what is there is done, whoever did it', async (t) => {
  t.same(stepStates(NOTHING), { owner: 'done', client: 'now', key: 'later', counter: 'later', speak: 'later' });
  t.same(stepStates({ ...NOTHING, hasClient: true, canHear: true }), {
    owner: 'done',
    client: 'done',
    key: 'done',
    counter: 'now',
    speak: 'later',
  });
  t.match(stepStates({ ...NOTHING, hasClient: true, canHear: true, isCounterSkipped: true }), {
    counter: 'skipped',
    speak: 'now',
  });
  t.match(stepStates({ ...NOTHING, hasClient: true, counters: 2 }), { key: 'now', counter: 'done' });
  t.notOk(isRunning({ ...NOTHING, hasClient: true, canHear: true, counters: 1 }));
  t.ok(isRunning({ ...NOTHING, hasClient: true, canHear: true, wasHeard: true }), 'a device may still be missing');
});

t.test('why the socket closed is said, and a proxy is told from a server that is away', async (t) => {
  const url = 'wss://balto.exemplo/ws';
  const closed = (code: number, reason = '') => closeFault({ code, reason, url }, { wasOpen: true, isAnswering: true });
  t.same(closeFault({ code: 1006, reason: '', url }, { wasOpen: false, isAnswering: true }), { key: 'upgrade', url });
  t.same(closeFault({ code: 1006, reason: '', url }, { wasOpen: false, isAnswering: false }), { key: 'away' });
  t.equal(closed(1000), null);
  t.same(closed(4001), { key: 'replaced' });
  t.same(closed(4002, 'limite de balcões atingido; retry_ms=3000'), {
    key: 'full',
    reason: 'limite de balcões atingido',
  });
  t.same(closed(4003), { key: 'approval' });
  t.same(closed(1006), { key: 'lost', code: 1006 });
  t.same(microphoneFault('NotAllowedError'), { key: 'refused' });
  t.same(microphoneFault('NotFoundError'), { key: 'absent' });
  t.equal(socketUrl({ protocol: 'https:', host: 'balto.exemplo' }), url);
  t.equal(socketUrl({ protocol: 'http:', host: '127.0.0.1:8765' }), 'ws://127.0.0.1:8765/ws');
  t.equal(recordingFormat((type) => type.includes('webm'))?.format, 'webm');
  t.equal(
    recordingFormat(() => false),
    null,
  );
});

t.test('partials replace each other, the final stays, what is told joins its line', async (t) => {
  const said = (segment: number, text: string, isFinal: boolean) => ({ segment, text, isFinal });
  let lines = withTranscript([], said(1, 'bom', false));
  lines = withTranscript(lines, said(1, 'bom dia', false));
  lines = withTranscript(lines, said(2, 'tosse', false));
  lines = withTranscript(lines, said(1, 'Bom dia!', true));
  lines = withTranscript(lines, said(1, 'bom', false));
  t.same(
    lines.map(({ text, isFinal }) => [text, isFinal]),
    [
      ['Bom dia!', true],
      ['tosse', false],
    ],
  );
  const decision = { rule: null, candidates: [], rejected: [] };
  const told = { counterId: 'c', segment: 1, interactionId: 7, provider: 'stt/x', decision, waterfall: {} };
  t.match(withTold(lines, told)[0], { text: 'Bom dia!', told: { provider: 'stt/x' } });
  t.match(withTold([], { ...told, segment: 3 }), [{ segment: 3, text: '', isFinal: true }], 'nothing was understood');
  const items = [{ sugestao: 'Mel', explicacao: 'x', tag: 'outros' }];
  t.match(cardOf({ comando: 'recomendar', interacao_id: 4, itens: items, confianca: 'alta', aviso: 'Leia a bula.' }), {
    interactionId: 4,
    warning: 'Leia a bula.',
  });
  t.equal(cardOf({ comando: 'pong' }), null);
});

t.test('a recording is good, or what is wrong with it is said', async (t) => {
  const talk = (seconds: number, db: number, floor = -70) => ({
    readings: Array.from({ length: seconds * 10 }, (_, at) => (at % 5 === 0 ? floor : db)),
  });
  t.equal(qualityOf(talk(15, -20)), 'good');
  t.equal(speechSeconds(talk(15, -20)), 12);
  t.equal(qualityOf(talk(4, -20)), 'short');
  t.equal(qualityOf(talk(15, -46)), 'quiet');
  t.equal(qualityOf(talk(15, -1)), 'clipped');
  t.equal(qualityOf(talk(15, -20, -29)), 'noisy');
  t.equal(qualityOf({ readings: [] }), 'short');
});

t.test('a preset is known by its values, tags are words, a week is one shift a day', async (t) => {
  for (const name of ['quiet', 'normal', 'noisy'] as const) t.equal(presetOf({ ...PRESETS[name] }), name);
  t.equal(presetOf({ minEnergy: 77 }), null);
  t.same(tagsOf(' Noite, 24h noite'), ['noite', '24h']);
  const shifts = [
    { weekday: 0, start: '08:00', end: '12:00' },
    { weekday: 6, start: '22:00', end: '06:00' },
  ];
  t.same(shiftsOf(weekOf(shifts).week), shifts);
  t.equal(weekOf(shifts).hasMore, false);
  t.equal(weekOf([...shifts, { weekday: 0, start: '13:00', end: '18:00' }]).hasMore, true);
});
