import t from 'tap';
import { parseHandshake } from '../../../core/ws/handshake.ts';

const parse = (message: unknown) => parseHandshake(typeof message === 'string' ? message : JSON.stringify(message));

t.test('both forms in the field', async (t) => {
  const first = parse({ api_key: 'bk_1', vad_settings: { threshold_multiplier: 1.8, min_energy: 120 } });
  t.match(first, {
    ok: true,
    apiKey: 'bk_1',
    handshake: { protocol: 1, vad: { thresholdMultiplier: 1.8, minEnergy: 120 } },
  });
  t.match(parse({ comando: 'auth', api_key: 'bk_1' }), { ok: true, handshake: { protocol: 1, vad: {} } });
});

t.test('min_energy_threshold is an alias; the documented name wins', async (t) => {
  t.match(parse({ api_key: 'k', vad_settings: { min_energy_threshold: 70 } }), {
    handshake: { vad: { minEnergy: 70 } },
  });
  const both = parse({ api_key: 'k', vad_settings: { min_energy: 60, min_energy_threshold: 70 } });
  t.match(both, { handshake: { vad: { minEnergy: 60 } } });
});

t.test('a wrong setting is passed over in protocol 1, field by field', async (t) => {
  const wrongs: [unknown, string][] = [
    ['alto', 'vad_settings'],
    [[1, 2], 'vad_settings'],
    [null, 'vad_settings'],
    [{ threshold_multiplier: '1.5' }, 'vad_settings.threshold_multiplier'],
    [{ threshold_multiplier: 0.9 }, 'vad_settings.threshold_multiplier'],
    [{ threshold_multiplier: true }, 'vad_settings.threshold_multiplier'],
    [{ min_energy: 1e308 }, 'vad_settings.min_energy'],
    [{ min_energy: -1 }, 'vad_settings.min_energy'],
  ];
  for (const [vad_settings, field] of wrongs) {
    t.match(parse({ api_key: 'k', vad_settings }), { ok: true, ignored: [field], handshake: { vad: {} } }, field);
    t.same(parse({ api_key: 'k', protocolo: 2, vad_settings }), { ok: false, reason: `handshake inválido: ${field}` });
  }
  const half = parse({ api_key: 'k', vad_settings: { threshold_multiplier: 'x', min_energy: 30, cor: 'azul' } });
  t.match(half, { ok: true, handshake: { vad: { minEnergy: 30 } }, ignored: ['vad_settings.threshold_multiplier'] });
});

t.test('audio that is declared wrong is refused, whatever the protocol', async (t) => {
  const declared = parse({ api_key: 'k', audio: { formato: 'wav', taxa: 48_000, canais: 2 } });
  t.match(declared, { ok: true, handshake: { audio: { format: 'wav', sampleRateHz: 48_000, channels: 2 } } });
  const wrongs: [unknown, string][] = [
    ['wav', 'audio'],
    [{ formato: 'mp3' }, 'audio.formato'],
    [{ formato: 'wav', taxa: 0 }, 'audio.taxa'],
    [{ formato: 'wav', taxa: '48000' }, 'audio.taxa'],
    [{ formato: 'wav', canais: 255 }, 'audio.canais'],
  ];
  for (const [audio, field] of wrongs) {
    t.same(parse({ api_key: 'k', audio }), { ok: false, reason: `handshake inválido: ${field}` });
  }
});

t.test('malformed handshakes name the field', async (t) => {
  const wrongs: [unknown, string][] = [
    ['', 'esperado um objeto JSON'],
    ['{"api_key":', 'esperado um objeto JSON'],
    ['"bk_1"', 'esperado um objeto JSON'],
    ['[]', 'esperado um objeto JSON'],
    ['null', 'esperado um objeto JSON'],
    ['['.repeat(16_000), 'esperado um objeto JSON'],
    [{}, 'api_key'],
    [{ api_key: '' }, 'api_key'],
    [{ api_key: 7 }, 'api_key'],
    [{ api_key: { $ne: null } }, 'api_key'],
    [{ api_key: 'x'.repeat(513) }, 'api_key'],
    [{ comando: 'ping', api_key: 'k' }, 'comando'],
    [{ api_key: 'k', protocolo: 3 }, 'protocolo'],
    [{ api_key: 'k', protocolo: '2' }, 'protocolo'],
  ];
  for (const [message, field] of wrongs) t.same(parse(message), { ok: false, reason: `handshake inválido: ${field}` });
});

t.test('JSON made to harm is only data', async (t) => {
  const deep = `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`;
  t.match(parse(`{"api_key":"k","x":${deep}}`), { ok: true });
  t.match(parse('{"api_key":"k","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'), {
    ok: true,
  });
  t.equal(({} as Record<string, unknown>)['polluted'], undefined);
  t.match(parse('{"vad_settings":{"__proto__":{"min_energy":9}},"api_key":"k"}'), { handshake: { vad: {} } });
  t.match(parse('{"api_key":"\\ud800"}'), { ok: true, apiKey: '\ud800' });
  t.match(parse('{"api_key":"a","api_key":"b"}'), { apiKey: 'b' });
});
