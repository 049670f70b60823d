import t from 'tap';
import { proveSpeaker } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/acoustic-voice/config.ts';
import { acousticSpeaker } from '../../plugins/acoustic-voice/speaker.ts';
import { labelledVoices } from '../helpers/labelled.ts';
import { heldToLabel } from '../helpers/quality.ts';

const HINT = 'vozes de gente: as dos testes são sintéticas, e a medida é um indício';

t.test('the kit is content', async (test) => {
  const subject = { vendor, provider: acousticSpeaker, voices: labelledVoices() };
  await heldToLabel(test, 'acoustic-voice', await proveSpeaker(subject), { unproven: HINT });
});
