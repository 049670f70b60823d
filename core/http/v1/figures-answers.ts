import { type Static, Type } from 'typebox';
import type { ComparedProviders, MoneyDoors } from '../options.ts';
import { Amount, amount, Exchange } from './amounts.ts';
import { Moment, nullable } from './schemas.ts';

const Share = (description: string) => Type.Number({ description });

const Provider = Type.Object({
  address: nullable(Type.String({ description: 'null: ninguém respondeu' })),
  utterances: Type.Integer(),
  share: Share('Parte das falas, de 0 a 1'),
  speechMinutes: Type.Number(),
  cost: { ...Amount, description: 'O que se cobrou por transcrever essas falas, com repetições e hedge, sem shadow' },
  perMinute: nullable({ ...Amount, description: 'Isso por minuto de fala' }),
  latencyMs: nullable(
    Type.Object(
      {
        p50: Type.Number(),
        p95: Type.Number(),
        known: Type.Integer({ description: 'Falas de que se sabem os dois instantes' }),
      },
      { description: 'Do fim da fala ao texto' },
    ),
  ),
  acceptance: nullable(
    Type.Object(
      { rate: Share('De 0 a 1'), of: Type.Integer({ description: 'Cartões com resposta do balcão' }) },
      { description: 'Aceitos entre aceitos, recusados e ignorados, nas falas que transcreveu' },
    ),
  ),
  shadow: nullable(
    Type.Object(
      { rate: nullable(Share('Palavras diferentes por palavra')), utterances: Type.Integer(), words: Type.Integer() },
      { description: 'Quanto difere de quem ouviu a mesma fala em sombra; nenhum dos dois é a verdade' },
    ),
  ),
});

/** Answer of `GET /api/v1/figures/providers`. */
export const ComparedShown = Type.Object({
  from: Moment,
  to: Moment,
  utterances: Type.Integer({ description: 'Falas contadas' }),
  since: { ...Moment, description: 'A mais antiga que se olhou' },
  isAll: Type.Boolean({ description: 'false: só as mais novas, desde since' }),
  providers: Type.Array(Provider),
  saving: Type.Object(
    {
      utterances: Type.Integer({ description: 'Falas com preço conhecido para quem respondeu e outro candidato' }),
      known: Share('Parte de todas as falas'),
      chosen: Amount,
      dearest: Amount,
      saved: Amount,
    },
    {
      description:
        'A preços de tabela do dia: o candidato mais caro de cada decisão guardada, menos quem respondeu; nunca é negativo',
    },
  ),
  exchange: Exchange,
});

/** A comparison as it is answered. */
export function comparedShown(
  { from, to, compared }: { from: Date; to: Date; compared: ComparedProviders },
  money: MoneyDoors,
): Static<typeof ComparedShown> {
  const { saving } = compared;
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    utterances: compared.utterances,
    since: compared.since.toISOString(),
    isAll: compared.isAll,
    providers: compared.providers.map(({ costMicroUsd, microUsdPerMinute, ...each }) => ({
      ...each,
      cost: amount(costMicroUsd, money),
      perMinute: microUsdPerMinute === null ? null : amount(Math.round(microUsdPerMinute), money),
    })),
    saving: {
      utterances: saving.utterances,
      known: saving.known,
      chosen: amount(saving.chosenMicroUsd, money),
      dearest: amount(saving.dearestMicroUsd, money),
      saved: amount(saving.savedMicroUsd, money),
    },
    exchange: money.exchange(),
  };
}
