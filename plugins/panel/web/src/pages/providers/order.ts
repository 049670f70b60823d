/** The same list with the item at `from` moved by `step`; at an end nothing moves. */
export function moved<T>(list: readonly T[], from: number, step: -1 | 1): T[] {
  const to = from + step;
  const next = [...list];
  const item = next[from];
  const other = next[to];
  if (item === undefined || other === undefined) return next;
  next[to] = item;
  next[from] = other;
  return next;
}

/** What two lists differ in, position by position: what a person compares. */
export function differences(mine: readonly string[], theirs: readonly string[]): { mine: string; theirs: string }[] {
  const rows = Array.from({ length: Math.max(mine.length, theirs.length) }, (_, at) => ({
    mine: mine[at] ?? '',
    theirs: theirs[at] ?? '',
  }));
  return rows.filter((row) => row.mine !== row.theirs);
}

export function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}

/** `stt/acme` of `stt/acme:model`. */
export function withoutModel(address: string): string {
  const at = address.indexOf(':');
  return at < 0 ? address : address.slice(0, at);
}
