import { BaltoError, KINDS, type Kind } from '../contracts/index.ts';

/** `stt/acme` or `stt/acme:model`, taken apart at the first slash and the first colon after it. */
export interface Address {
  kind: Kind;
  provider: string;
  model: string | undefined;
}

const SHAPE = /^([a-z]+)\/([a-z0-9][a-z0-9-]*)(?::(.+))?$/;

/** Parses an address as people write it. Throws BALTO_REGISTRY_ADDRESS naming what is wrong. */
export function parseAddress(text: string): Address {
  const match = SHAPE.exec(text.trim());
  const kind = KINDS.find((known) => known === match?.[1]);
  if (!match?.[2] || !kind) {
    throw new BaltoError({
      code: 'BALTO_REGISTRY_ADDRESS',
      message: `endereço de provedor inválido: "${text.slice(0, 80)}" (esperado: tipo/nome ou tipo/nome:modelo, tipo em ${KINDS.join(', ')})`,
    });
  }
  return { kind, provider: match[2], model: match[3] };
}

/** The address as text. */
export function formatAddress(address: Address): string {
  return `${address.kind}/${address.provider}${address.model === undefined ? '' : `:${address.model}`}`;
}
