import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/assemblyai/config.ts';
import { assemblyAiStt } from '../../plugins/assemblyai/stt.ts';
import { startAssemblyAi } from '../emulators/assemblyai.ts';
import { heldToLabel } from '../helpers/quality.ts';

t.test('the kit, against the emulator', async (test) => {
  const report = await proveStt({
    vendor,
    provider: assemblyAiStt,
    start: startAssemblyAi,
    // Deleting at the vendor goes on after the answer; the kit counts requests at the answer. Its own test is beside this.
    settings: { retainData: true },
    exempt: { 'batch-vendor-code': 'the vendor’s REST refusals are a sentence, without a code' },
    retired: { model: 'slam-1', current: 'universal-3-5-pro' },
    closes: [
      { code: 1008, reason: 'Unauthorized Connection: Missing Authorization header', means: 'auth' },
      { code: 1008, reason: 'Unauthorized Connection: Too many concurrent sessions', means: 'rate_limited' },
      { code: 3005, means: 'server' },
      { code: 3006, means: 'invalid_request' },
      { code: 3007, means: 'invalid_request' },
      { code: 3008, means: 'connection' },
      { code: 3009, means: 'rate_limited' },
    ],
  });
  await heldToLabel(test, 'assemblyai', report);
  test.equal(report.tier, 'platinum');
});
