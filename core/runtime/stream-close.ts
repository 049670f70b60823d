import type { Clock, SttStream } from '../contracts/index.ts';
import { withDeadline } from './deadline.ts';

/** A stream that does not close within this is left behind; a plugin's own bound is 2 s. */
const CLOSE_MS = 3000;
const NEVER = new AbortController().signal;

/** Closes a stream as far as it can be closed. Never throws. */
export async function closeBounded(clock: Clock, stream: SttStream): Promise<void> {
  const start = () => closeQuietly(stream);
  await withDeadline({ clock, ms: CLOSE_MS, signal: NEVER, what: 'fechar', start }).catch(() => undefined);
}

/** Nobody waits for this stream any more: that it does not close well changes nothing. */
export async function closeQuietly(stream: SttStream): Promise<void> {
  try {
    await stream.close();
  } catch {
    // its socket is dropped by the signal it was opened with
  }
}
