import { VoiceSettings } from '../../routing/voices.ts';
import { sectionRoutes, where } from './section.ts';

/** `/…/voices`: how employees consent, and when a voice counts as recognised. */
export const voices = sectionRoutes({
  section: 'voices',
  tag: 'Funcionários',
  title: 'As regras das vozes',
  value: VoiceSettings,
  shown: VoiceSettings,
  mayWrite: where('employees.write'),
  show: async ({ configDoors }, { clientId }) => configDoors.configuration.for(clientId ?? '', null).voices,
});
