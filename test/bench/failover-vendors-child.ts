/** Vendors that hear exactly what they are given (`listening/coverage.ts`), and fail as they are told, in a process of their own. */
import { EMULATOR_KEY, type Emulator, type Fault, startDeepgram, startOpenAi, startXai } from '../emulators/index.ts';
import { Coverage, CoverageReference } from '../emulators/listening/coverage.ts';
import { conversation } from '../helpers/conversation.ts';
import { answer } from './child.ts';
import { type Hit, Storm } from './storm.ts';

/** One streams and answers as it goes, one takes uploads, one streams and answers by closing. */
export type VendorName = 'deepgram' | 'openai' | 'xai';

export interface FaultOrder {
  vendor: VendorName;
  fault: Fault | null;
  /** For so many requests; null: until another order. */
  times: number | null;
}

export type FailoverVendorQuestions = {
  start(order: null): Promise<Record<string, string>>;
  fail(order: FaultOrder): Promise<void>;
  /** Faults at random at every vendor from now on; `calm` ends them, and tells which hit somebody. */
  storm(order: { seed: number; everyMs: number }): void;
  calm(order: null): Promise<Hit[]>;
  /** Requests each vendor has seen: uploads, and streams that were opened. */
  seen(order: null): Record<VendorName, number>;
};

const vendors = new Map<VendorName, Emulator>();
let storm = new Storm(0);
let raging = Promise.resolve();

answer<FailoverVendorQuestions>({
  async start() {
    const { pcm, script } = conversation();
    const listening = new Coverage(new CoverageReference(pcm, script));
    const [deepgram, openai, xai] = [
      await startDeepgram({ listening }),
      await startOpenAi({ listening, respond: () => ({ deve_sugerir: false }) }),
      await startXai({ listening }),
    ];
    vendors.set('deepgram', deepgram).set('openai', openai).set('xai', xai);
    return {
      DEEPGRAM_API_KEY: EMULATOR_KEY,
      DEEPGRAM_BASE_URL: deepgram.url,
      OPENAI_API_KEY: EMULATOR_KEY,
      OPENAI_BASE_URL: `${openai.url}/v1`,
      XAI_API_KEY: EMULATOR_KEY,
      XAI_BASE_URL: `${xai.url}/v1`,
    };
  },
  async fail({ vendor, fault, times }) {
    await vendors.get(vendor)?.setFault(fault, times ?? Number.POSITIVE_INFINITY);
  },
  storm({ seed, everyMs }) {
    storm = new Storm(seed);
    const raged = [...vendors].map(([name, emulator]) => [name, { emulator, streams: name !== 'openai' }] as const);
    raging = storm.rage(new Map(raged), everyMs);
  },
  async calm() {
    storm.end();
    await raging;
    return storm.hits;
  },
  seen: () => ({ deepgram: countOf('deepgram'), openai: countOf('openai'), xai: countOf('xai') }),
});

function countOf(name: VendorName): number {
  return vendors.get(name)?.requests.length ?? 0;
}
