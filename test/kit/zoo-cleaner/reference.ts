import type {
  Cleaner,
  CleanerStream,
  ProviderContext,
  ProviderManifest,
  VendorManifest,
} from '../../../core/contracts/index.ts';
import type { CleanerSubject, LabelledAudio } from '../../../core/kit/index.ts';
import { spectralGateProvider, vendor } from '../../../plugins/spectral-gate/cleaner.ts';
import { labelledConversation } from '../../helpers/labelled.ts';

/** As much of the conversation as the zoo listens to. */
const LISTENED_MS = 25_000;

/** A stream with nothing left out. */
export type FullStream = CleanerStream & Required<Pick<CleanerStream, 'observe'>>;

/** Where an animal departs from the reference, which is the gate that ships. */
export interface Defects {
  vendor?: Partial<VendorManifest>;
  manifest?: Partial<ProviderManifest<'cleaner'>>;
  /** Called when an instance is made. */
  create?(ctx: ProviderContext): void;
  cleaner?(right: Cleaner): Partial<Cleaner>;
  stream?(right: FullStream, cleaner: Cleaner): Partial<FullStream>;
}

export function cleanerWith(defects: Defects = {}): CleanerSubject {
  const provider: ProviderManifest<'cleaner'> = {
    ...spectralGateProvider,
    async create(credential, settings, ctx) {
      defects.create?.(ctx);
      const gate = await spectralGateProvider.create(credential, settings, ctx);
      const { sampleRateHz, frameSamples, delaySamples } = gate;
      const right: Cleaner = { sampleRateHz, frameSamples, delaySamples, open: () => opened(gate, defects) };
      return { ...right, ...defects.cleaner?.(right) };
    },
    ...defects.manifest,
  };
  return { vendor: { ...vendor, ...defects.vendor }, provider, recording: beginning() };
}

function opened(gate: Cleaner, { stream: change }: Defects): CleanerStream {
  const stream = gate.open() as FullStream;
  const right: FullStream = {
    process: (input, output) => stream.process(input, output),
    observe: (input) => stream.observe(input),
    reset: () => stream.reset(),
    close: () => stream.close(),
  };
  return change ? { ...right, ...change(right, gate) } : right;
}

let listened: LabelledAudio | undefined;

function beginning(): LabelledAudio {
  if (listened) return listened;
  const { audio, speech } = labelledConversation();
  const pcm = audio.pcm.subarray(0, (LISTENED_MS * audio.sampleRateHz) / 1000);
  listened = { audio: { ...audio, pcm }, speech: speech.filter(({ endMs }) => endMs < LISTENED_MS) };
  return listened;
}
