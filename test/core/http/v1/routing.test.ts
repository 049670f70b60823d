import t from 'tap';
import { startDeepgram, startElevenLabs } from '../../../emulators/index.ts';
import { startBalto } from '../../../helpers/balto.ts';
import { saidBefore } from '../../../helpers/said-before.ts';
import { wordListening } from '../../../helpers/word-listening.ts';

t.test('rules by one call: in force at the next utterance, explained, and simulated over what was said', async (t) => {
  const deepgram = await startDeepgram({ listening: wordListening });
  const elevenlabs = await startElevenLabs({ listening: wordListening });
  const balto = await startBalto(t, { vendors: { deepgram, elevenlabs } });
  const cookie = await balto.login();
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(balto.url + path, {
      method,
      headers: { cookie, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', body: (await answer.json()) as never };
  };
  const { clientId, counterId } = balto;
  const url = `/api/v1/clients/${clientId}/routing-rules`;
  const explain = (features: object = {}) => send('POST', '/api/v1/routing/explain', { counterId, ...features });

  const before = await explain();
  t.match(before, {
    status: 200,
    body: { decision: { rule: 'ambiente', mode: 'stream', candidates: ['stt/deepgram', 'stt/elevenlabs'] } },
  });

  const long = {
    id: 'longa',
    priority: 1,
    when: { durationMs: { min: 5000 } },
    use: ['stt/elevenlabs'],
    mode: 'segment',
  };
  const read = await send('GET', url);
  t.match(read, { status: 200, body: { rules: null } });
  const written = await send('PUT', url, { rules: [long], why: 'longas ao lote' }, { 'if-match': read.etag });
  t.match(written, { status: 200, body: { changed: true, rules: [{ id: 'longa' }], warnings: [] } });
  t.match(await send('PUT', url, { rules: [], why: 'tarde' }, { 'if-match': read.etag }), { status: 412 });

  t.match(await explain({ durationMs: 6000, snrDb: 20 }), {
    body: {
      decidedAt: 'end',
      decision: { rule: 'longa', candidates: ['stt/elevenlabs'] },
      text: /A regra "longa" decide/,
    },
  });
  t.match(await explain({ durationMs: 1000 }), { body: { decision: { rule: 'ambiente', mode: 'segment' } } });

  const live = { ...long, mode: 'stream' };
  t.match(await send('PUT', url, { rules: [long, { ...live, id: 'viva' }], why: 'x' }), {
    status: 400,
    body: { code: 'BALTO_RULE_STREAM_CONDITION', field: /rules\[1\]\.mode$/ },
  });
  t.match(
    await send('PUT', url, { rules: [long, { id: 'sem-ordem', when: {}, use: [], mode: 'segment' }], why: 'x' }),
    { status: 400, body: { code: 'BALTO_RULE_SCHEMA', field: 'routing.rules[1].priority' } },
    'a rule says itself what it lacks, however much of it the document describes',
  );
  t.match(await send('PUT', url, { rules: [{ ...long, must: ['region:mars'] }], why: 'x' }), {
    status: 400,
    body: { code: 'BALTO_CONFIG_NO_CANDIDATE' },
  });
  t.match(await send('GET', url), { body: { rules: [{ id: 'longa' }] } }, 'what was refused changed nothing');

  const from = '2026-03-01T00:00:00Z';
  await saidBefore(balto.balto.store, { clientId, counters: 2, rows: 400, from: new Date(from), days: 1 });
  const period = { clientId, from, to: '2026-03-02T00:00:00Z' };
  const inForce = await send('POST', '/api/v1/routing/simulate', period);
  t.match(inForce, {
    status: 200,
    body: { replayed: 400, isSample: false, rules: [{ id: 'ambiente' }, { id: 'longa' }] },
  });
  const all = { id: 'tudo', priority: 1, when: {}, use: ['stt/elevenlabs'], mode: 'segment' };
  t.match(await send('POST', '/api/v1/routing/simulate', { ...period, rules: [all] }), {
    body: { draft: { providers: [{ address: 'stt/elevenlabs', share: { value: 1 } }] }, changed: { value: 1 } },
  });
  t.match(await send('POST', '/api/v1/routing/simulate', { ...period, rules: [{ ...all, use: ['stt/nada'] }] }), {
    status: 400,
    body: { field: 'rules[0].use[0]' },
  });
  t.match(
    await explain({ durationMs: 6000 }),
    { body: { decision: { rule: 'longa' } } },
    'a draft is in force nowhere',
  );
});
