import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/xai/config.ts';
import { xaiStt } from '../../plugins/xai/stt.ts';
import { startXai } from '../emulators/xai.ts';
import { heldToLabel } from '../helpers/quality.ts';

t.test('the kit proves stt/xai', async (test) => {
  const report = await proveStt({
    vendor,
    provider: xaiStt,
    start: startXai,
    settingsFor: (emulator) => ({ baseUrl: `${emulator.url}/v1` }),
  });
  await heldToLabel(test, 'xai', report);
});
