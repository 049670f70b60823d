/** Why nothing can be heard; each has its text under `fault.`. */
export type Fault =
  | { key: 'insecure' | 'refused' | 'absent' | 'busy' | 'recorder' | 'away' | 'replaced' | 'approval' | 'restart' }
  | { key: 'upgrade'; url: string }
  | { key: 'full' | 'format'; reason: string }
  | { key: 'lost'; code: number }
  | { key: 'server'; message: string };

/** What the browser says when it gives no microphone (the `name` of a DOMException). */
export function microphoneFault(name: string): Fault {
  if (name === 'NotAllowedError' || name === 'SecurityError') return { key: 'refused' };
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return { key: 'absent' };
  if (name === 'NotReadableError' || name === 'AbortError') return { key: 'busy' };
  return { key: 'server', message: name };
}

/**
 * Why the socket closed, by its code and reason (docs/websocket.md §1.2); null: as it should. One that never opened says
 * nothing of why: `isAnswering` is whether the server answers plain requests.
 */
export function closeFault(
  { code, reason, url }: { code: number; reason: string; url: string },
  { wasOpen, isAnswering }: { wasOpen: boolean; isAnswering: boolean },
): Fault | null {
  if (!wasOpen) return isAnswering ? { key: 'upgrade', url } : { key: 'away' };
  if (code === 1000) return null;
  if (code === 1001) return { key: 'restart' };
  if (code === 4000) return { key: 'format', reason };
  if (code === 4001 || code === 4009) return { key: 'replaced' };
  if (code === 4002) return { key: 'full', reason: reason.replace(/\s*;?\s*retry_ms=\d+/, '') };
  if (code === 4003) return { key: 'approval' };
  return { key: 'lost', code };
}

/** Where this page's counters connect: the scheme follows the page's. */
export function socketUrl({ protocol, host }: { protocol: string; host: string }): string {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws`;
}

const FORMATS = [
  { type: 'audio/webm;codecs=opus', format: 'webm' },
  { type: 'audio/ogg;codecs=opus', format: 'ogg' },
] as const;

/** What this browser records that Balto decodes by itself; null: nothing. */
export function recordingFormat(isSupported: (type: string) => boolean): (typeof FORMATS)[number] | null {
  return FORMATS.find(({ type }) => isSupported(type)) ?? null;
}
