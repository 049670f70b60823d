import type { SessionParts } from './app-sessions.ts';
import type { OtcRules } from './pharmacy/offering.ts';
import { tighteningOf } from './pharmacy/tightening.ts';
import { sectionsOf } from './store/config-snapshot.ts';
import { localDay } from './wall-clock.ts';

/** Asked for each card: a restriction, and a new day, hold from the next one on. */
export function otcRules({ pharmacy, store, clock }: Pick<SessionParts, 'pharmacy' | 'store' | 'clock'>): OtcRules {
  return {
    list: pharmacy.otc,
    tightening: (clientId) =>
      tighteningOf(sectionsOf(store.config.snapshot(), clientId, null).get('restrictions'), pharmacy.otc.names),
    today: () => localDay(clock.date()),
  };
}
