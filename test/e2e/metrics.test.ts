import t from 'tap';
import { startDeepgram, startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, spokenUntil, wavUntil } from '../helpers/talk.ts';

const UNTIL_MS = 14_200;
const TOKEN = 'um-token-de-leitura';

t.test('a conversation with a vendor that is away, as /metrics tells it', async (t) => {
  const coverage = new Coverage(await wavReference());
  const deepgram = await startDeepgram({ listening: coverage });
  const elevenlabs = await startElevenLabs({ listening: coverage });
  const llm = await startOpenAi({ respond: obedientModel() });
  await deepgram.setFault({ kind: 'refuse' });
  const house = await startBalto(t, { vendors: { deepgram, elevenlabs, llm }, env: { METRICS_TOKEN: TOKEN } });
  t.equal((await house.get('/metrics')).status, 401);
  const read = async () => {
    const text = await (await house.get('/metrics', { authorization: `Bearer ${TOKEN}` })).text();
    const series = text
      .split('\n')
      .flatMap((line) => (/^\w/.test(line) ? [line.split(/ (?=\S+$)/) as [string, string]] : []));
    return { text, value: (name: string) => Number(series.find(([each]) => each === name)?.[1] ?? Number.NaN), series };
  };
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await seen.until(({ opened }) => opened === 1);
  t.equal((await read()).value('balto_counters_online'), 1);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  counter.say({ comando: 'fim' });
  const spoken = spokenUntil(UNTIL_MS).length;
  await seen.until(({ utterances, cards }) => utterances.length === spoken && cards.length > 0);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const rows = await house.rows();

  const { text, value, series } = await read();
  const sum = (prefix: string) =>
    series.reduce((total, [name, each]) => (name.startsWith(prefix) ? total + Number(each) : total), 0);
  t.equal(value('balto_counters_online'), 0);
  t.equal(value('balto_audio_lost_ms_total'), 0);
  t.equal(value('balto_utterances_total{status="answered"}'), spoken);
  t.ok(sum('balto_attempts_total{provider="stt/deepgram",mode="stream",outcome="failed"') > 0);
  t.equal(sum('balto_attempts_total{provider="stt/elevenlabs",mode="batch",outcome="answered"'), spoken);
  t.equal(value('balto_transcription_seconds_count{provider="stt/elevenlabs"}'), spoken);
  t.ok(value('balto_stage_seconds_count{stage="llm"}') > 0);
  t.equal(sum('balto_attempt_seconds_count{provider="llm/openai"'), sum('balto_attempts_total{provider="llm/openai"'));
  const paid = rows.reduce((total, { costMicroUsd }) => total + (costMicroUsd ?? 0), 0);
  t.ok(paid > 0);
  t.equal(sum('balto_cost_micro_usd_total'), paid, 'as the rows say');
  t.equal(value('balto_database_ready'), 1);
  t.match(
    text,
    /^balto_provider_health\{provider="stt\/deepgram",model="[\w-]+",state="(open|suspected|half_open)"\} 1$/m,
  );
  t.match(text, /^balto_provider_health\{provider="stt\/elevenlabs",model="scribe_v2",state="closed"\} 1$/m);
  for (const secret of [house.clientId, house.counterId, house.apiKey]) t.notMatch(text, secret);
});
