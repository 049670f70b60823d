import { decodeUpload } from './audio/decode/index.ts';
import type { Log } from './contracts/index.ts';
import type { Enrolment } from './counter/enrolment.ts';
import type { Masking } from './counter/masking.ts';
import type { LegacyReport } from './legacy/report.ts';
import { runLegacyImport } from './legacy/run.ts';
import type { Store } from './store/index.ts';

/** Longer recordings say no more about a voice. */
const MOST_SECONDS = 300;

/** What a running Balto does for `balto import-legacy`: it alone measures voices. */
export function openLegacyImport(parts: {
  store: Store;
  masking: Masking;
  enrolment: Enrolment;
  ffmpegPath: string | null;
  log: Log;
}): (request: unknown) => Promise<LegacyReport> {
  const { store, masking, enrolment, ffmpegPath, log } = parts;
  const voices = {
    decode: (bytes: Buffer) => decodeUpload(bytes, { log, ffmpegPath, maxSeconds: MOST_SECONDS }),
    enrol: enrolment.enrol.bind(enrolment),
  };
  return (request) => runLegacyImport({ store, masking, voices }, request);
}
