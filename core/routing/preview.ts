import type { Decision, UtteranceFacts } from '../runtime/types.ts';
import { type RouteInput, route } from './route.ts';
import type { Effective } from './types.ts';

/** A stored utterance, as far as its routing goes: nothing of what was said. */
export interface PastUtterance {
  id: number;
  at: Date;
  clientId: string;
  counterId: string;
  facts: UtteranceFacts;
  /** Who answered it then; null: nobody. */
  happened: string | null;
}

/** What a change of the configuration would have done with one utterance. */
export interface PreviewedUtterance extends PastUtterance {
  /** Whom it would get as things stand now, and under the change; null: nobody. */
  now: string | null;
  draft: string | null;
  /** The decision under the change. */
  decision: Decision;
  changed: boolean;
}

/** How many of the utterances a provider answered, would get now, and would get under the change. */
export interface PreviewedProvider {
  address: string | null;
  happened: number;
  now: number;
  draft: number;
}

export interface Preview {
  utterances: PreviewedUtterance[];
  changed: number;
  providers: PreviewedProvider[];
}

export interface PreviewOrder extends Pick<RouteInput, 'registry' | 'language' | 'price' | 'kind'> {
  utterances: readonly PastUtterance[];
  now(clientId: string, counterId: string): Effective;
  draft(clientId: string, counterId: string): Effective;
  tags(counterId: string): readonly string[];
  budgetLeft(clientId: string): number | null;
}

/** Decides past utterances anew, as things stand and under a change, by the code that decides for real. */
export function preview(order: PreviewOrder): Preview {
  const providers = new Map<string | null, PreviewedProvider>();
  const count = (address: string | null, side: 'happened' | 'now' | 'draft') => {
    const found = providers.get(address) ?? { address, happened: 0, now: 0, draft: 0 };
    found[side] += 1;
    providers.set(address, found);
  };
  const utterances = order.utterances.map((each) => {
    const now = decided(order, each, order.now(each.clientId, each.counterId)).candidates[0] ?? null;
    const decision = decided(order, each, order.draft(each.clientId, each.counterId));
    const draft = decision.candidates[0] ?? null;
    count(each.happened, 'happened');
    count(now, 'now');
    count(draft, 'draft');
    return { ...each, now, draft, decision, changed: now !== draft };
  });
  const sorted = [...providers.values()].sort((a, b) => b.draft - a.draft || b.now - a.now);
  return { utterances, changed: utterances.filter(({ changed }) => changed).length, providers: sorted };
}

/** As a session does: when speech begins, and again at its end where that does not stream. */
function decided(
  order: PreviewOrder,
  { facts, at, clientId, counterId }: PastUtterance,
  effective: Effective,
): Decision {
  const { registry, language, price, kind = 'stt' } = order;
  const input: RouteInput = {
    registry,
    effective,
    language,
    kind,
    price,
    now: at,
    counterTags: order.tags(counterId),
    budgetLeft: order.budgetLeft(clientId),
  };
  const { decision } = route(input, null);
  return decision.mode === 'stream' || kind === 'llm' ? decision : route(input, facts).decision;
}
