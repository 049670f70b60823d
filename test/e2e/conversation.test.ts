import t, { type Test } from 'tap';
import { TAGS } from '../../core/pharmacy/tags.ts';
import type { Interaction } from '../../core/store/interaction.ts';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { inOrder, Seen } from '../helpers/seen.ts';
import { obedientModel, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

/** Five utterances, one of them longer than the limit: six segments. */
const UNTIL_MS = 29_500;

t.test('a counter talks, and is heard, answered and remembered', async (t) => {
  const coverage = new Coverage(await wavReference());
  const elevenlabs = await startElevenLabs({ listening: coverage, latencyMs: 30 });
  const llm = await startOpenAi({ respond: obedientModel() });
  const house = await startBalto(t, { vendors: { elevenlabs, llm } });
  const seen = new Seen(house.observer);
  const counter = await connectCounter(house.ws, house.apiKey);
  await streamFile(counter.socket, wavUntil(UNTIL_MS), { chunkBytes: 4096 });
  counter.say({ comando: 'fim' });
  const spoken = spokenUntil(UNTIL_MS);
  await seen.until(({ text }) => text.length >= textOf(spoken).length);
  await seen.until(({ cards }) => cards.some(({ segments }) => segments.includes(6)));
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const rows = await house.rows();
  const own = new Map(seen.utterances.map(({ segment, text }) => [segment, text]));

  t.test('every word is heard once, in order, but for the overlap of the forced cut', async (t) => {
    t.equal(seen.text, textOf(spoken));
    const cut = inOrder(seen.utterances).find(({ utterance }) => utterance.cutReason === 'safety_limit')?.utterance;
    const overlap = { startSample: (cut?.endSample ?? 0) - 27 * 480, endSample: cut?.endSample ?? 0 };
    const report = coverage.report({ within: rangesOf(spoken), allowTwice: [overlap] });
    t.same(report.missing, []);
    t.same(report.heardTwice, []);
    t.same(report.wordsNeverHeard, []);
    t.equal(report.unknownSamples, 0);
    t.equal(elevenlabs.requests.length, 6, 'one request per utterance');
  });

  t.test('the rows hold the conversation', async (t) => {
    t.same(
      rows.map(({ segment }) => segment),
      [1, 2, 3, 4, 5, 6],
    );
    const told = rows.map((row) => ownText(row, own)).join(' ');
    t.equal(told, textOf(spoken));
    t.same(new Set(rows.map(({ idempotencyKey }) => idempotencyKey)).size, rows.length);
    for (const row of rows) {
      t.equal(
        row.transcript,
        segmentsOf(row)
          .map((segment) => own.get(segment))
          .join(' '),
        `row ${row.segment}`,
      );
    }
  });

  t.test('each row says when, how loud, how cut, by whom and for how much', async (t) => {
    for (const row of rows) checkColumns(t, row);
    t.same(
      rows.map(({ cutReason }) => cutReason),
      ['silence_end', 'silence_end', 'silence_end', 'safety_limit', 'silence_end', 'silence_end'],
    );
  });

  t.test('the words of a row are its own text, each at its time', async (t) => {
    for (const row of rows) {
      const words = row.words?.words ?? [];
      const told = words.flatMap(({ text }) => text ?? []).join(' ');
      t.equal(told, own.get(row.segment), `row ${row.segment}`);
      const times = words.flatMap(({ startMs, endMs }) => [startMs, endMs]);
      t.same(
        times,
        [...times].sort((a, b) => a - b),
        'in order',
      );
      t.ok((times.at(-1) ?? 0) <= (row.segmentDurationMs ?? 0) + 1, 'within the utterance');
    }
  });

  t.test('NULL, "Nenhuma" and "S: …" mean what the reports take them for', async (t) => {
    const sends = rows.filter((row) => row.recommendation !== null);
    t.equal(sends.length, llm.requests.length, 'asked as often as the rows say');
    t.ok(rows.length > sends.length, 'some rows were gathered and never asked about alone');
    for (const row of rows) {
      const isNewest = seen.cards.some(({ interactionId }) => interactionId === row.id);
      t.equal(row.recommendation !== null, isNewest, `row ${row.segment}`);
    }
    for (const row of sends) t.match(row.recommendation, /^(Nenhuma|S: .+)$/u);
  });

  t.test('the counter got cards that name their rows', async (t) => {
    const cards = counter.messages.filter(({ comando }) => comando === 'recomendar');
    t.equal(cards.length, rows.filter(({ tsClientSent }) => tsClientSent !== null).length);
    t.ok(cards.length >= 2);
    for (const card of cards) {
      const row = rows.find(({ id }) => id === card['interacao_id']);
      const itens = card['itens'] as { sugestao: string; explicacao: string; tag: string }[];
      t.ok(itens.length >= 1 && itens.length <= 3);
      for (const { tag } of itens) t.ok(TAGS.has(tag), tag);
      t.equal(row?.recommendation, itens.map(({ sugestao }) => `S: ${sugestao}`).join(' | '));
      t.equal(card['produto'], itens[0]?.sugestao);
      t.equal(card['transcricao_base'], row?.transcript);
      t.match(card['confianca'], /^(alta|media|baixa)$/u);
      t.ok(row?.tsClientSent);
    }
  });

  t.test('the ledger adds up to what the rows say', async (t) => {
    const entries = await house.balto.store.db.system((trx) => trx.selectFrom('usage_ledger').selectAll().execute());
    const billed = entries.reduce((sum, entry) => sum + Number(entry.cost_micro_usd), 0);
    t.equal(
      billed,
      rows.reduce((sum, row) => sum + (row.costMicroUsd ?? 0), 0),
    );
    t.ok(billed > 0);
  });

  t.test('what the doors tell of it', async (t) => {
    const cookie = await house.login();
    const listed = (await (await house.get('/api/data/interacoes', { cookie })).json()) as { id: number }[];
    t.same(listed.map(({ id }) => id).sort(byNumber), rows.map(({ id }) => id).sort(byNumber));
    const metrics = (await (await house.get(`/api/data/balcao/${house.counterId}/metricas`, { cookie })).json()) as {
      interacoes: Record<string, unknown>[];
    };
    t.equal(metrics.interacoes.length, rows.length);
    t.equal((await house.get('/api/data/interacoes')).status, 401);
    t.equal((await house.get('/health/ready')).status, 200);
  });
});

const byNumber = (a: number, b: number) => a - b;

/** Segments whose words stand in a row: those of its send, else its own. */
function segmentsOf(row: Interaction): number[] {
  return (row.gate as { segmentos?: number[] } | null)?.segmentos ?? [row.segment];
}

function ownText(row: Interaction, own: Map<number, string>): string {
  const text = own.get(row.segment) ?? '';
  return row.transcript?.endsWith(text) ? text : '(missing)';
}

function checkColumns(t: Test, row: Interaction): void {
  const times = [
    row.tsSpeechEnd,
    row.tsAudioReceived,
    row.tsTranscriptionSent,
    row.tsTranscriptionReady,
    ...(row.recommendation === null ? [] : [row.tsAiRequest, row.tsAiResponse]),
    ...(row.tsClientSent === null ? [] : [row.tsClientSent]),
  ];
  t.notOk(times.includes(null), `row ${row.segment} has its times`);
  const stamps = times.map((time) => time?.getTime() ?? 0);
  t.same(stamps, [...stamps].sort(byNumber), `row ${row.segment}: each time at or after the one before`);
  t.equal(row.sttModel, 'elevenlabs');
  t.equal(row.interactionType, 'valid');
  t.ok((row.costMicroUsd ?? 0) > 0 && row.estimatedCost === (row.costMicroUsd ?? 0) / 1e6);
  t.ok((row.snr ?? 0) > 5 && (row.snr ?? 0) < 60);
  const settings = JSON.parse(row.configSnapshot ?? '{}');
  t.match(settings, { thresholdMultiplier: 1.5, minEnergy: 50, silenceFramesNeeded: 30 });
  t.match(JSON.parse(row.speechRanges ?? '{}'), { ranges: Array, speech_pct: Number, silence_pct: Number });
  t.match(row.decision, { status: 'answered', address: 'stt/elevenlabs', attempts: [{ outcome: 'answered' }] });
  const features = [
    row.segmentDurationMs,
    row.energyRmsMean,
    row.energyRmsMax,
    row.peakDbfs,
    row.clippingRatio,
    row.dcOffset,
    row.zcr,
    row.spectralCentroid,
    row.spectralCentroidMean,
    row.bandEnergyLow,
    row.bandEnergyMid,
    row.bandEnergyHigh,
    row.pitchMean,
    row.pitchStd,
    row.noiseLevelStart,
    row.dynamicThresholdEnd,
  ];
  t.ok(
    features.every((value) => Number.isFinite(value)),
    `row ${row.segment} has its features`,
  );
  t.match(row.audioClass, /^fala/u);
}
