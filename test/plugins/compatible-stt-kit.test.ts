import t from 'tap';
import type { ProviderManifest, VendorManifest } from '../../core/contracts/index.ts';
import { proveStt } from '../../core/kit/index.ts';
import { compatibleStt, compatibleVendor, groqStt, groqVendor } from '../../plugins/compatible/presets.ts';
import { type OpenAiOptions, startGroq, startOpenAi } from '../emulators/openai.ts';
import type { Emulator } from '../emulators/server.ts';

/** These take it for granted that a vendor needs a key; a server of one's own may have none. */
const WITH_KEY_ONLY = ['credential-required', 'create-refuses-wrong-config'];

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
    const report = await proveStt({ vendor, provider, start, settings: { model }, settingsFor, ...retired });
    const asked = report.results.filter(({ id }) => provider === groqStt || !WITH_KEY_ONLY.includes(id));
    for (const { id, outcome, detail, title } of asked) {
      test.not(outcome, 'failed', `${id}: ${detail ?? title}`);
    }
  });
}
