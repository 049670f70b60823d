import { randomBytes } from 'node:crypto';
import { sha256 } from './secrets.ts';
import { cleanText } from './text.ts';

/** `bk_` and the first 8 characters of the secret. */
const PREFIX_LENGTH = 11;

/** A counter's key: 256 random bits. */
export function newKey(): string {
  return `bk_${randomBytes(32).toString('base64url')}`;
}

/** What a key is looked up by. Text from a device: bounded, and without what the database would refuse. */
export function prefixOf(apiKey: string): string {
  return cleanText(apiKey.slice(0, PREFIX_LENGTH));
}

/** All that is kept of a key. */
export function keyColumns(apiKey: string): { chave_prefixo: string; chave_hash: string } {
  return { chave_prefixo: prefixOf(apiKey), chave_hash: sha256(apiKey) };
}
