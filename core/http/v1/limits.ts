import { Limits } from '../../routing/types.ts';
import { sectionRoutes } from './section.ts';

/** `/…/limits`: what a client may take of what all share. The platform's to say: it protects the other clients. */
export const limits = sectionRoutes({
  section: 'limits',
  tag: 'Limites',
  title: 'Os limites',
  value: Limits,
  shown: Limits,
  mayWrite: () => ({ may: 'platform' }),
  show: async ({ money }, { clientId }) => money.limitsOf(clientId),
});
