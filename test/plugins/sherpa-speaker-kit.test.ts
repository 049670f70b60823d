import t from 'tap';
import { proveSpeaker } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/sherpa/config.ts';
import { sherpaSpeaker } from '../../plugins/sherpa/speaker.ts';
import { labelledVoices } from '../helpers/labelled.ts';
import { heldToLabel } from '../helpers/quality.ts';
import { withoutSherpa } from '../helpers/sherpa.ts';
import { modelFolder, speakerModel } from '../helpers/tiny-onnx.ts';

const skip = await withoutSherpa();

const TINY = 'um modelo de verdade: o kit viu um minúsculo, feito pelo teste';

t.test(
  'the kit is content, with a model that hears loudness: the two voices differ in that',
  { skip },
  async (test) => {
    const modelsDir = test.testdir();
    await modelFolder(modelsDir, 'voz', { 'speaker.onnx': speakerModel() });
    const settings = { modelsDir, model: 'voz' };
    const subject = { vendor, provider: sherpaSpeaker, settings, voices: labelledVoices() };
    await heldToLabel(test, 'sherpa', await proveSpeaker(subject), { models: [], unproven: TINY });
  },
);
