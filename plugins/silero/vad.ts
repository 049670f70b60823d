import type {
  Credential,
  ProviderContext,
  ProviderManifest,
  Settings,
  Vad,
  VendorManifest,
} from '../../core/contracts/index.ts';
import { SileroSettings } from './config.ts';

export const vendor: VendorManifest = { id: 'silero', title: 'Silero', specVersion: 1, region: 'local' };

/**
 * Silero v6. `create` loads onnxruntime-node and the weights (no network) and throws ProviderError `unsupported` where
 * they do not load. One instance serves every counter: make one, open a stream per counter.
 */
export function sileroProvider(): ProviderManifest<'vad'> {
  return {
    kind: 'vad',
    vendor: vendor.id,
    id: 'silero',
    title: 'Silero v6',
    settings: SileroSettings,
    models: ['v6'],
    capabilities: { robustToNoise: true, thresholds: { on: 0.5, off: 0.35 } },
    create: createSilero,
  };
}

async function createSilero(_credential: Credential, settings: Settings, ctx: ProviderContext): Promise<Vad> {
  const [{ ModelThread }, { SileroEngine }] = await Promise.all([import('./thread.ts'), import('./engine.ts')]);
  const valid = withDefaults(settings);
  return new SileroEngine(await ModelThread.start(valid.maxBatch), valid, ctx);
}

function withDefaults(settings: Settings): SileroSettings {
  return { tickMs: 32, tickFewMs: 16, maxBatch: 32, ...(settings as Partial<SileroSettings>) };
}
