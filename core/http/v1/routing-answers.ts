import { Type } from 'typebox';
import { nullable } from './schemas.ts';

const Address = Type.String({ description: 'tipo/nome ou tipo/nome:modelo' });
const Share = Type.Number({ description: 'Parte das falas, de 0 a 1' });
const Reject = Type.Object({ address: Address, reason: Type.String({ description: 'Por quê, em português' }) });
const Holds = Type.Enum(['yes', 'no', 'unknown'], {
  description: 'Se vale; unknown: só se saberá no fim da fala',
});

/** A decision, as it is stored with its interaction. */
export const DecisionShown = Type.Object(
  {
    rule: Type.String({ description: 'Regra que decidiu; lista, lista-global ou ambiente quando foi uma lista' }),
    version: Type.Integer({ description: 'Versão da configuração; a que seria, de um rascunho ou de outras regras' }),
    draft: Type.Optional(Type.String({ description: 'Rascunho cujas regras o balcão provava' })),
    mode: Type.Enum(['segment', 'stream']),
    candidates: Type.Array(Address, { description: 'Quem atende, na ordem' }),
    rejected: Type.Array(Reject),
    thrift: Type.Optional(
      Type.Enum(['lista', 'preco'], { description: 'O orçamento no fim mudou a ordem: pela lista dele, ou por preço' }),
    ),
    hedge: Type.Optional(Type.Boolean({ description: 'O seguinte pode começar ao lado de um que demora' })),
    shadow: Type.Optional(Type.Object({ address: Address, share: Share })),
  },
  { description: 'Como fica guardada em cada interação' },
);

const Step = Type.Object({
  id: Type.String(),
  title: nullable(Type.String()),
  type: Type.Enum(['rule', 'list']),
  layer: Type.Enum(['built-in', 'environment', 'global', 'client', 'counter'], {
    description: 'De onde é; uma regra do balcão é de um rascunho em prova',
  }),
  holds: Holds,
  fate: Type.Enum(['no', 'excluded', 'ignored', 'waits', 'void', 'passed', 'taken', 'after'], {
    description:
      'Não vale; não se aplica aqui; não olhada; espera o fim da fala; esperaria, sem ninguém; passada, sem ninguém; decide; depois da que decidiu',
  }),
  text: Type.String({ description: 'O mesmo, em português' }),
  conditions: Type.Array(
    Type.Object({
      condition: Type.String(),
      stated: Type.String({ description: 'O que a regra pede' }),
      value: Type.String({ description: 'O que há' }),
      holds: Holds,
    }),
  ),
  constraints: Type.Array(Type.String()),
  candidates: Type.Array(Address),
  rejected: Type.Array(Reject),
});

const CandidateShown = Type.Object({
  address: Address,
  credential: Type.Integer({ description: 'Qual das chaves do fornecedor, a partir de 0' }),
  tags: Type.Array(Type.String()),
  turn: Type.Integer({ description: 'Lugar na ordem de agora, a partir de 1: quem descansa vai para o fim' }),
  health: Type.Enum(['well', 'resting', 'until_probe', 'degraded']),
  restMs: nullable(Type.Number({ description: 'Quanto falta do descanso' })),
});

/** Answer of `POST /api/v1/routing/explain`. */
export const Explained = Type.Object({
  clientId: Type.String(),
  counterId: nullable(Type.String()),
  counterTags: Type.Array(Type.String()),
  draft: nullable(Type.String({ description: 'O rascunho com que se respondeu; null: o que está em vigor' })),
  decision: DecisionShown,
  decidedAt: Type.Enum(['start', 'end'], { description: 'No começo ou no fim da fala' }),
  candidates: Type.Array(CandidateShown),
  shadow: nullable(Type.Object({ address: Address, share: Share })),
  steps: Type.Array(Step, { description: 'Cada regra e lista, na ordem em que foram vistas' }),
  text: Type.String({ description: 'Tudo em poucas frases, em português' }),
});

const Estimated = Type.Object({
  value: Type.Number(),
  interval: nullable(
    Type.Array(Type.Number(), { minItems: 2, maxItems: 2, description: '95 %; null: contado, não estimado' }),
  ),
});
const Spread = nullable(Type.Object({ median: Estimated, p95: Estimated }));

const Side = Type.Object({
  costMicroUsd: Estimated,
  providers: Type.Array(
    Type.Object({
      address: nullable(Address),
      utterances: Estimated,
      share: Estimated,
      costMicroUsd: Estimated,
      latencyMs: Spread,
      price: Type.Enum(['billed', 'list', 'observed', 'unknown'], { description: 'De onde vem o custo' }),
    }),
  ),
  latencyMs: nullable(
    Type.Object({
      median: Type.Number(),
      p95: Type.Number(),
      known: Type.Number({ description: 'Parte das falas de que se sabe' }),
    }),
  ),
});

/** Answer of `POST /api/v1/routing/simulate`. */
export const Simulated = Type.Object({
  replayed: Type.Integer({ description: 'Falas refeitas' }),
  utterances: Estimated,
  isSample: Type.Boolean({ description: 'É amostra: os números têm intervalo' }),
  happened: Side,
  happenedAtListPrice: Estimated,
  draft: Side,
  changed: { ...Estimated, description: 'Parte das falas que iria a outro provedor' },
  rules: Type.Array(Type.Object({ id: Type.String(), share: Estimated })),
  comparisons: Type.Array(
    Type.Object({
      answerProvider: Address,
      provider: Address,
      utterances: Type.Integer(),
      answered: Type.Integer(),
      failed: Type.Integer(),
      words: Type.Integer(),
      wordErrorRate: nullable(Type.Number({ description: 'Erros por palavra do que foi respondido ao balcão' })),
      empty: Type.Integer(),
      latencyMs: Spread,
    }),
  ),
  priceVersion: Type.String(),
  elapsedMs: Type.Number(),
});
