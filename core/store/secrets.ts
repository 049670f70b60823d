import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { BaltoError } from '../contracts/index.ts';

/** Bytes of the secret key (AES-256, HMAC and HKDF input). */
export const KEY_BYTES = 32;

/**
 * Everything that is derived from BALTO_SECRET_KEY. Each purpose has a key of its own (HKDF-SHA-256), so that what is
 * learnt of one says nothing of another. `previous` keys open what they sealed and seal nothing.
 */
export class Secrets {
  #current: Buffer;
  #keyId: string;
  readonly #byId = new Map<string, Buffer>();

  constructor(current: Buffer, previous: Buffer[] = []) {
    this.#current = current;
    this.#keyId = keyIdOf(current);
    for (const key of [...previous, current]) this.#byId.set(keyIdOf(key), key);
  }

  /** Names the key in use. */
  get keyId(): string {
    return this.#keyId;
  }

  /** From here on `key` seals; the one in use before goes on opening what it sealed. */
  adopt(key: Buffer): void {
    this.#current = key;
    this.#keyId = keyIdOf(key);
    this.#byId.set(this.#keyId, key);
  }

  /** A 32-byte key for one purpose; `salt` makes one per file or message. Undefined when the key id is unknown. */
  derive(purpose: string, salt: Uint8Array = Buffer.alloc(0), keyId = this.keyId): Buffer | undefined {
    const master = this.#byId.get(keyId);
    return master && Buffer.from(hkdfSync('sha256', master, salt, purpose, KEY_BYTES));
  }

  /** Keyed fingerprint of a short secret (a 6-digit code): useless to whoever has the database alone. Hex. */
  fingerprint(purpose: string, value: string): string {
    return fingerprintBy(this.#current, purpose, value);
  }

  /** The fingerprints it may have been kept under: by the key in use, and by those before it. */
  fingerprints(purpose: string, value: string): string[] {
    return [...new Set([this.#current, ...this.#byId.values()])].map((key) => fingerprintBy(key, purpose, value));
  }

  /**
   * AES-256-GCM with a fresh IV: `v1.<key id>.<base64url of iv, text, tag>`. `identity` (the row and column it belongs
   * to) is authenticated, so a value copied to another row does not open.
   */
  seal(plain: string, identity: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', deriveFrom(this.#current, 'seal'), iv);
    cipher.setAAD(Buffer.from(identity));
    const sealed = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.keyId}.${sealed.toString('base64url')}`;
  }

  /** @throws BaltoError `BALTO_SECRET_UNREADABLE`: another key, another identity, or damage. */
  open(sealed: string, identity: string): string {
    const [version, keyId, body] = sealed.split('.');
    const master = version === 'v1' ? this.#byId.get(keyId ?? '') : undefined;
    const bytes = Buffer.from(body ?? '', 'base64url');
    if (!master || bytes.length < 28) throw unreadable();
    try {
      const decipher = createDecipheriv('aes-256-gcm', deriveFrom(master, 'seal'), bytes.subarray(0, 12));
      decipher.setAAD(Buffer.from(identity));
      decipher.setAuthTag(bytes.subarray(-16));
      return decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw unreadable(cause);
    }
  }
}

function unreadable(cause?: unknown): BaltoError {
  return new BaltoError({
    code: 'BALTO_SECRET_UNREADABLE',
    message: 'Um segredo guardado não abre com a BALTO_SECRET_KEY em uso.',
    statusCode: 500,
    cause,
  });
}

function fingerprintBy(master: Buffer, purpose: string, value: string): string {
  return createHmac('sha256', deriveFrom(master, purpose)).update(value).digest('hex');
}

function deriveFrom(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), purpose, KEY_BYTES));
}

function keyIdOf(master: Buffer): string {
  return deriveFrom(master, 'key id').subarray(0, 4).toString('hex');
}

/**
 * Reads a key written as 64 hex digits or as base64(url) of 32 bytes.
 * @throws BaltoError `BALTO_CONFIG_SECRET_KEY`, field = `variable`.
 */
export function parseSecretKey(text: string, variable = 'BALTO_SECRET_KEY'): Buffer {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  // 43 digits of base64 hold 32 bytes, and two bits over.
  if (/^[\w+/-]{43}=?$/.test(trimmed)) return Buffer.from(trimmed, 'base64url');
  throw new BaltoError({
    code: 'BALTO_CONFIG_SECRET_KEY',
    field: variable,
    message: `${variable} deve ter 32 bytes em hexadecimal ou base64; faça uma com: openssl rand -hex 32`,
  });
}

/** N = 2^15, r = 8, p = 1 (OWASP's floor for scrypt at 32 MB): about 80 ms, off the main thread. */
const SCRYPT = { cost: 2 ** 15, blockSize: 8, parallelization: 1, maxmem: 64 * 1024 * 1024 };

function scryptAsync(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, 32, SCRYPT, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** `scrypt.15.<salt>.<hash>`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt.15.${salt.toString('base64url')}.${(await scryptAsync(password, salt)).toString('base64url')}`;
}

/** Takes the same time whether `stored` exists or not: pass null for "no such user". */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [scheme, cost, salt, hash] = (stored ?? '').split('.');
  const computed = await scryptAsync(password, Buffer.from(salt ?? 'absent', 'base64url'));
  const expected = Buffer.from(hash ?? '', 'base64url');
  const comparable = expected.length === computed.length ? expected : Buffer.alloc(computed.length);
  const equal = timingSafeEqual(computed, comparable);
  return equal && scheme === 'scrypt' && cost === '15' && expected.length === computed.length;
}

/** SHA-256, hex: for random secrets of 256 bits, which need no salt and no stretching. */
export function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

/** Compares two hex digests in constant time; false when the lengths differ. */
export function sameDigest(left: string, right: string): boolean {
  const a = Buffer.from(left, 'hex');
  const b = Buffer.from(right, 'hex');
  return a.length === b.length && a.length > 0 && timingSafeEqual(a, b);
}
