import type { Selectable } from 'kysely';

/** `vendor_credentials`. */
export interface VendorCredentialsTable {
  id: string;
  cliente_id: string | null;
  vendor: string;
  label: string;
  sealed: string;
  last_four: string;
  fingerprint: string;
  created_at: Date;
  created_by: string;
  disabled_at: Date | null;
  probed_at: Date | null;
  probe_code: string | null;
}

/** A vendor's key as anybody may see it. */
export interface VendorCredential {
  id: string;
  /** Whose it is; null: everyone's. */
  clientId: string | null;
  vendor: string;
  label: string;
  lastFour: string;
  createdAt: Date;
  createdBy: string;
  disabledAt: Date | null;
  probedAt: Date | null;
  /** `ok`, or the code of what the vendor answered; null: never probed. */
  probeCode: string | null;
}

export function toVendorCredential(row: Selectable<VendorCredentialsTable>): VendorCredential {
  return {
    id: row.id,
    clientId: row.cliente_id,
    vendor: row.vendor,
    label: row.label,
    lastFour: row.last_four,
    createdAt: row.created_at,
    createdBy: row.created_by,
    disabledAt: row.disabled_at,
    probedAt: row.probed_at,
    probeCode: row.probe_code,
  };
}
