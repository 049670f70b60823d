import type { TSchema } from 'typebox';

/** No keyword: neither the document nor a compiler of schemas sees it. */
const MARK = Symbol('checked later');

/**
 * A part of a body that its handler checks itself, because its errors say more than a schema's would: the document shows
 * its whole shape, and the validator asks only for its type.
 */
export function checkedLater<T extends TSchema>(schema: T): T {
  return { ...schema, [MARK]: true };
}

/** The schema as the validator is to see it. */
export function withoutCheckedLater(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutCheckedLater);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = schema as Record<string | symbol, unknown>;
  if (parts[MARK] === true) return { type: parts['type'] };
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, withoutCheckedLater(part)]));
}
