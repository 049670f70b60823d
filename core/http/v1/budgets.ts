import { Type } from 'typebox';
import { Budget } from '../../routing/types.ts';
import { Amount, amount, Exchange } from './amounts.ts';
import { nullable } from './schemas.ts';
import { sectionRoutes, where } from './section.ts';

const Status = nullable(
  Type.Object(
    {
      budget: Budget,
      state: Type.String({
        description: 'ok, warned (avisado), cheaper (nos mais baratos), spent (esgotado) ou stopped (parado)',
      }),
      since: Type.String({ description: 'Primeiro dia do período' }),
      spent: Amount,
      of: Amount,
      left: Type.Number({ description: 'Parte que resta, de 0 a 1' }),
      exchange: Exchange,
    },
    { description: 'O que vale aqui, e como está; null: não há orçamento' },
  ),
);

/** `/…/budget`: what a client may spend in a day or a month, and what happens as it runs out. */
export const budgets = sectionRoutes({
  section: 'budget',
  tag: 'Dinheiro',
  title: 'O orçamento',
  value: Budget,
  shown: Status,
  mayWrite: where('limits.write'),
  async show({ configDoors, money }, { clientId }) {
    // Everyone's is the one each client has: nobody spends it together.
    if (clientId === null) return null;
    const effective = configDoors.configuration.for(clientId, null);
    await money.budgets.load(effective);
    const status = money.budgets.status(effective);
    if (!status || !effective.budget) return null;
    const { state, since, microUsd, spentMicroUsd, left } = status;
    return {
      budget: effective.budget,
      state,
      since,
      spent: amount(spentMicroUsd, money),
      of: amount(microUsd, money),
      left,
      exchange: money.exchange(),
    };
  },
});
