import { pluginOf } from 'balto/contracts';
import { vendor } from './config.ts';
import { acmeStt } from './stt.ts';

export default pluginOf(vendor, [acmeStt]);
