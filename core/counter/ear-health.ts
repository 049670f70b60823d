import type { DetectorHealth, DetectorKind } from '../audio/detector-care.ts';
import { type Clock, ProviderError } from '../contracts/index.ts';
import type { Health } from '../runtime/health.ts';
import type { Candidate } from '../runtime/types.ts';

/**
 * The health of VAD and cleaner beside that of every other provider. One that failed at one counter is left alone at those
 * that come after it for a while. Absent ones (nothing loaded) have none.
 */
export function earHealth(
  health: Health,
  candidates: Partial<Record<DetectorKind, Candidate | undefined>>,
  clock: Clock,
): DetectorHealth {
  return {
    rests(what) {
      const candidate = candidates[what];
      return candidate !== undefined && health.restsUntilMs(candidate) > clock.now();
    },
    failed(what, cause) {
      const candidate = candidates[what];
      if (candidate) health.failed(candidate, failureOf(cause));
    },
    worked(what) {
      const candidate = candidates[what];
      if (candidate) health.answered(candidate, { sentAtMs: clock.now(), isEmpty: false });
    },
  };
}

/** More audio at once than anyone could keep up with is not the VAD's fault. */
function failureOf(cause: string): ProviderError {
  return new ProviderError({
    code: cause === 'stall' ? 'timeout' : 'server',
    blame: cause === 'overflow' ? 'caller' : 'vendor',
    message: 'falhou enquanto escutava',
    vendorCode: cause,
  });
}
