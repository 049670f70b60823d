import { type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { settingsSchema, VOICE } from './config.ts';

export const SAMPLE_RATES = [22_050, 16_000, 8000, 24_000, 44_100, 48_000];

export const MAX_CHARS = 4000;

/** `pt-BR` of `vits-piper-pt_BR-faber-medium`; a folder with another kind of name is taken for Brazilian. */
export function languageOf(model: string): string {
  const [, language, country] = /(?:^|-)([a-z]{2})_([A-Z]{2})(?:-|$)/.exec(model) ?? [];
  return language && country ? `${language}-${country}` : 'pt-BR';
}

/** `tts/piper`: a Piper voice through sherpa-onnx. */
export const piperTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'piper',
  id: 'piper',
  title: 'Piper (nesta máquina)',
  settings: settingsSchema,
  aliases: ['piper_local'],
  models: [VOICE],
  capabilities(given) {
    const { model } = parseConfig(settingsSchema, given);
    return {
      streaming: true,
      languages: [languageOf(model)],
      encodings: ['pcm_s16le'],
      sampleRates: SAMPLE_RATES,
      maxChars: MAX_CHARS,
      region: 'local',
    };
  },
  create: async (...given) => (await import('./tts-instance.ts')).create(...given),
  probe: async (...given) => (await import('./tts-instance.ts')).probe(...given),
};
