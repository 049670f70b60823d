import { type Static, Type } from 'typebox';
import type { Counter } from '../../store/counters-table.ts';
import { refuse } from '../problem.ts';
import { Moment, nullable, VadPreset } from './schemas.ts';

export const CounterStatus = Type.Union(
  [Type.Literal('active'), Type.Literal('pending'), Type.Literal('suspended'), Type.Literal('revoked')],
  { description: 'active: atende; pending: espera aprovação; suspended: suspenso; revoked: chave revogada' },
);

export const CounterKind = Type.Union([Type.Literal('real'), Type.Literal('virtual')], {
  description: 'real: um aparelho de loja; virtual: um navegador do painel, para experimentar',
});

/** A counter as the API shows it. */
export const ShownCounter = Type.Object({
  id: Type.String(),
  clientId: Type.String(),
  name: Type.String(),
  status: CounterStatus,
  kind: CounterKind,
  tags: Type.Array(Type.String()),
  vad: VadPreset,
  keyPrefix: Type.String({ description: 'Começo da chave: basta para reconhecê-la' }),
  createdAt: Moment,
  seenAt: nullable(Moment),
  expiresAt: nullable(Type.String({ description: 'Quando a chave de um balcão virtual vence; null: não vence' })),
  revision: Type.Integer({ description: 'A mesma do ETag' }),
});

export function shownCounter({ counterId, ...rest }: Counter): Static<typeof ShownCounter> {
  const { createdAt, seenAt, expiresAt } = rest;
  return {
    id: counterId,
    ...rest,
    createdAt: createdAt.toISOString(),
    seenAt: seenAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

export function unknownCounter(): never {
  throw refuse(404, 'BALTO_COUNTER_UNKNOWN', 'Balcão não encontrado.');
}
