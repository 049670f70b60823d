import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/gladia/config.ts';
import { gladiaStt } from '../../plugins/gladia/stt.ts';
import { startGladia } from '../emulators/gladia.ts';
import { heldToLabel } from '../helpers/quality.ts';

t.test('the kit, against the emulator', async (test) => {
  const report = await proveStt({
    vendor,
    provider: gladiaStt,
    start: startGladia,
    // Deleting at the vendor goes on after the answer; the kit counts requests at the answer. Its own test is beside this.
    settings: { retainData: true },
  });
  await heldToLabel(test, 'gladia', report);
  test.equal(report.tier, 'platinum');
});
