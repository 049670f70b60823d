import { pluginOf } from 'balto/contracts';
import { acmeVad } from './vad.ts';
import { vendor } from './vad-config.ts';

export default pluginOf(vendor, [acmeVad]);
