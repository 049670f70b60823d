import { type Static, Type } from 'typebox';
import type { Interaction } from '../../store/interaction.ts';
import type { InteractionCost } from '../../store/interaction-costs.ts';
import type { Comparison } from '../../store/interaction-details.ts';
import type { ListedInteraction } from '../../store/interactions.ts';
import { Exchange } from './amounts.ts';
import { Moment, nullable } from './schemas.ts';

const Json = Type.Unsafe<unknown>({});
const NullableText = nullable(Type.String());
const NullableNumber = nullable(Type.Number());
const NullableMoment = nullable(Moment);

/** An interaction in a list. */
export const Listed = Type.Object({
  id: Type.Integer(),
  at: Moment,
  clientId: Type.String(),
  counterId: Type.String(),
  counterName: nullable(Type.String({ description: 'null: o balcão não existe mais' })),
  employeeName: nullable(Type.String({ description: 'null: ninguém reconhecido' })),
  sessionId: Type.String(),
  segment: Type.Integer(),
  type: Type.String(),
  transcript: NullableText,
  recommendation: nullable(Type.String({ description: 'null: o modelo não foi chamado; Nenhuma: nada a sugerir' })),
  feedback: NullableText,
  provider: nullable(Type.String({ description: 'Quem transcreveu' })),
  rule: nullable(Type.String({ description: 'Regra que decidiu' })),
  configVersion: nullable(Type.Integer()),
  durationMs: NullableNumber,
  snrDb: NullableNumber,
  costMicroUsd: NullableNumber,
});

const Cost = Type.Object({
  kind: Type.String(),
  provider: Type.String(),
  model: Type.String(),
  unit: Type.String(),
  of: Type.String(),
  quantity: Type.Number(),
  costMicroUsd: Type.Integer({ description: 'Milionésimos de US$' }),
  purpose: Type.String({ description: 'answer, retry, hedge ou shadow' }),
  priceVersion: NullableText,
});

const Word = Type.Object({
  text: nullable(Type.String({ description: 'null: mascarada, ou tirada por um filtro' })),
  startMs: Type.Number({ description: 'Desde o início da fala' }),
  endMs: Type.Number(),
  confidence: Type.Optional(Type.Number()),
  speaker: Type.Optional(Type.String()),
});

/** An interaction with all that led to it and came of it. */
export const Detailed = Type.Object({
  ...Listed.properties,
  decision: Type.Unsafe<unknown>({ description: 'Regra, versão, candidatos, recusados com motivo, e cada tentativa' }),
  gate: Type.Unsafe<unknown>({ description: 'O que os filtros e o portão fizeram, e as tentativas com o modelo' }),
  candidates: Json,
  promptVersion: nullable(Type.String({ description: 'Versão das instruções ao modelo' })),
  listVersion: nullable(Type.String({ description: 'Versão da lista de venda livre' })),
  normalized: nullable(Type.String({ description: 'MED:…; SINT:…; DOENCA:…' })),
  modelAnswer: nullable(Type.String({ description: 'Resposta crua do modelo' })),
  words: nullable(
    Type.Object(
      { confidence: NullableNumber, doubtful: Type.Integer(), words: Type.Array(Word) },
      { description: 'Palavras com tempos, como o fornecedor as deu; null: não as deu, ou o prazo delas passou' },
    ),
  ),
  cutReason: NullableText,
  audioClass: NullableText,
  audioKept: Type.Boolean({ description: 'O áudio está guardado: GET /api/v1/interactions/{id}/audio' }),
  textExpired: Type.Boolean({ description: 'O prazo de guarda dos textos passou' }),
  employeeId: nullable(Type.Integer({ description: 'Funcionário reconhecido pela voz; null: ninguém' })),
  speakerData: nullable(
    Type.String({ description: 'JSON [{id, name, score}], a melhor primeiro; hint: é um indício' }),
  ),
  costs: Type.Array(Cost),
  times: Type.Record(Type.String(), NullableMoment, { description: 'Cada passo, do fim da fala ao cartão' }),
  comparisons: Type.Array(
    Type.Object({
      provider: Type.String(),
      outcome: Type.String(),
      text: NullableText,
      answered: Type.String({ description: 'O que entendeu quem respondeu, antes dos filtros' }),
      durationMs: Type.Integer(),
      costMicroUsd: Type.Integer(),
    }),
    { description: 'O que outro provedor ouviu da mesma fala, só para comparar' },
  ),
  exchange: Exchange,
});

export function listed(row: ListedInteraction): Static<typeof Listed> {
  const { address, rule } = (row.decision ?? {}) as { address?: unknown; rule?: unknown };
  return {
    id: row.id,
    at: row.timestamp.toISOString(),
    clientId: row.clientId,
    counterId: row.counterId,
    counterName: row.counterName,
    employeeName: row.employeeName,
    sessionId: row.sessionId,
    segment: row.segment,
    type: row.interactionType,
    transcript: row.transcript,
    recommendation: row.recommendation,
    feedback: row.feedback,
    provider: typeof address === 'string' ? address : row.sttModel,
    rule: typeof rule === 'string' ? rule : null,
    configVersion: row.configVersion,
    durationMs: row.segmentDurationMs,
    snrDb: row.snr,
    costMicroUsd: row.costMicroUsd,
  };
}

export function detailed(
  row: ListedInteraction & { textExpired: boolean },
  costs: InteractionCost[],
  comparisons: Comparison[],
): Omit<Static<typeof Detailed>, 'exchange'> {
  return {
    ...listed(row),
    decision: row.decision,
    gate: row.gate,
    candidates: row.candidates,
    promptVersion: row.promptVersion,
    listVersion: row.listVersion,
    normalized: row.transcriptNormalized,
    modelAnswer: row.modelRawResponse,
    words: row.words,
    cutReason: row.cutReason,
    audioClass: row.audioClass,
    audioKept: row.audioFilePath !== null,
    textExpired: row.textExpired,
    employeeId: row.employeeId,
    speakerData: row.speakerData,
    costs,
    times: timesOf(row),
    comparisons,
  };
}

function timesOf(row: Interaction): Record<string, string | null> {
  const { tsSpeechEnd, tsAudioReceived, tsTranscriptionSent, tsTranscriptionReady } = row;
  const { tsAiRequest, tsAiResponse, tsClientSent } = row;
  const steps = { tsSpeechEnd, tsAudioReceived, tsTranscriptionSent, tsTranscriptionReady };
  const times = Object.entries({ ...steps, tsAiRequest, tsAiResponse, tsClientSent });
  return Object.fromEntries(times.map(([name, at]) => [name, at?.toISOString() ?? null]));
}
