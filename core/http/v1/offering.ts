import { Type } from 'typebox';
import { Offering } from '../../routing/types.ts';
import { sectionsOf } from '../../store/config-snapshot.ts';
import { sectionRoutes, where } from './section.ts';

const Now = Type.Object({
  restrictProducts: Type.Boolean({ description: 'Como vale no próximo cartão' }),
  from: Type.Enum(['client', 'global', 'environment'], { description: 'environment: RESTRICT_PRODUCTS' }),
});

/** `/…/offering`: whether a client's cards hold its own products only. */
export const offering = sectionRoutes({
  section: 'offering',
  tag: 'Catálogo',
  title: 'O que pode ser sugerido',
  value: Offering,
  shown: Now,
  mayWrite: where('lists.write'),
  async show({ config, configDoors, settings }, { clientId }) {
    const { restrictProducts } = configDoors.configuration.for(clientId ?? '', null).offering;
    if (restrictProducts === undefined) {
      return { restrictProducts: settings.restrictProducts ?? false, from: 'environment' } as const;
    }
    const isOwn = clientId !== null && sectionsOf(config.snapshot(), clientId, null).has('offering');
    return { restrictProducts, from: isOwn ? 'client' : 'global' } as const;
  },
});
