/**
 * Text as Postgres can hold it: without NUL and without half a surrogate pair. Vendors have sent both, and one such
 * character would otherwise make the database refuse the whole row.
 */
export function cleanText(text: string): string {
  const whole = text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '') : whole;
}

/** JSON text for a `jsonb` column, cleaned as {@link cleanText} does, keys included. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'string') return cleanText(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [cleanText(key), item]));
  });
}

/** Text to be found literally by `like`. */
export function escapeLike(text: string): string {
  return cleanText(text).replace(/[\\%_]/g, '\\$&');
}
