import t from 'tap';
import type { ProviderManifest, VendorManifest } from '../../core/contracts/index.ts';
import { proveStt } from '../../core/kit/index.ts';
import { compatibleStt, compatibleVendor, groqStt, groqVendor } from '../../plugins/compatible/presets.ts';
import { type OpenAiOptions, startGroq, startOpenAi } from '../emulators/openai.ts';
import type { Emulator } from '../emulators/server.ts';
import { heldToLabel } from '../helpers/quality.ts';

const subjects: [
  VendorManifest,
  ProviderManifest<'stt'>,
  (options: OpenAiOptions) => Promise<Emulator>,
  string,
  string,
][] = [
  [groqVendor, groqStt, startGroq, '/openai/v1', 'whisper-large-v3-turbo'],
  [compatibleVendor, compatibleStt, startOpenAi, '/v1', 'whisper-1'],
];

for (const [vendor, provider, start, path, model] of subjects) {
  t.test(`the kit proves stt/${provider.id}`, async (test) => {
    const settingsFor = (emulator: { url: string }) => ({ baseUrl: `${emulator.url}${path}` });
    const retired = provider === groqStt && {
      retired: { model: 'distil-whisper-large-v3-en', current: 'whisper-large-v3-turbo' },
    };
    const keyOptional = provider === compatibleStt;
    const subject = { vendor, provider, start, settings: { model }, settingsFor, keyOptional, ...retired };
    await heldToLabel(test, 'compatible', await proveStt(subject));
  });
}
