const EVERY_MS = 1000;
const MEGABYTE = 1_048_576;

/** Tells a download's progress, a line at most each second and one at its end: share, size, speed, time to go. */
export function progressLine(
  say: (line: string) => void,
  now: () => number = () => performance.now(),
): (done: number, total: number | null) => void {
  let first: { at: number; done: number } | null = null;
  let lastAt = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    const at = now();
    first ??= { at, done };
    if (at - lastAt < EVERY_MS && done !== total) return;
    lastAt = at;
    const bytesPerSecond = ((done - first.done) / Math.max(at - first.at, 1)) * 1000;
    say(lineOf(done, total, bytesPerSecond));
  };
}

function lineOf(done: number, total: number | null, bytesPerSecond: number): string {
  const speed = bytesPerSecond > 0 ? `, ${megabytes(bytesPerSecond)} MB/s` : '';
  if (total === null) return `baixando: ${megabytes(done)} MB${speed}`;
  const share = total === 0 ? 100 : Math.floor((done / total) * 100);
  const seconds = Math.ceil((total - done) / bytesPerSecond);
  const left = done < total && Number.isFinite(seconds) ? `, faltam ${seconds} s` : '';
  return `baixando: ${share} % (${megabytes(done)} de ${megabytes(total)} MB${speed}${left})`;
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toLocaleString('pt-BR', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
