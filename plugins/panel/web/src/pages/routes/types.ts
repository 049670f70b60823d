/** Includes `min`, not `max`; an absent end is open. */
export interface Range {
  min?: number;
  max?: number;
}

/** A routing rule, as the API takes it. */
export interface Rule {
  id: string;
  title?: string;
  enabled?: boolean;
  priority: number;
  kind?: 'stt' | 'llm';
  when: {
    durationMs?: Range;
    snrDb?: Range;
    class?: string[];
    language?: string[];
    hours?: { from: string; to: string }[];
    /** 0 = Monday. */
    weekdays?: number[];
    counterTags?: string[];
    budgetLeft?: Range;
    usable?: string[];
  };
  use: string[];
  must?: string[];
  mustNot?: string[];
  mode: 'segment' | 'stream';
  hedge?: boolean;
  shadow?: { use: string; share: number };
}

export interface Rules {
  version: number;
  rules: Rule[] | null;
}

/** `POST /api/v1/routing/explain`. */
export interface Explained {
  decision: { rule: string; mode: string; candidates: string[]; rejected: { address: string; reason: string }[] };
  candidates: { address: string; credential: number; turn: number; health: string; tags: string[] }[];
  steps: {
    id: string;
    title: string | null;
    type: 'rule' | 'list';
    layer: string;
    fate: string;
    text: string;
    conditions: { condition: string; stated: string; value: string; holds: 'yes' | 'no' | 'unknown' }[];
    constraints: string[];
    rejected: { address: string; reason: string }[];
  }[];
  text: string;
}

export interface Estimated {
  value: number;
  interval: [number, number] | null;
}

interface Side {
  costMicroUsd: Estimated;
  providers: {
    address: string | null;
    utterances: Estimated;
    share: Estimated;
    costMicroUsd: Estimated;
    latencyMs: { median: Estimated; p95: Estimated } | null;
    price: 'billed' | 'list' | 'observed' | 'unknown';
  }[];
  latencyMs: { median: number; p95: number; known: number } | null;
}

/** `POST /api/v1/routing/simulate`. */
export interface Simulated {
  replayed: number;
  utterances: Estimated;
  isSample: boolean;
  happened: Side;
  happenedAtListPrice: Estimated;
  draft: Side;
  changed: Estimated;
  rules: { id: string; share: Estimated }[];
  priceVersion: string;
  elapsedMs: number;
}
