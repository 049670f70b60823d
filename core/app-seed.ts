import type { SessionParts } from './app-sessions.ts';
import { loadSeed, seedRouting, seedRules } from './routing/seed.ts';
import type { Products } from './store/products.ts';

/**
 * Brings starter catalogue, price book and seeded rules into the database once it is there; a failure is said, and tried
 * again at the next start.
 */
export async function seed(
  { store, pharmacy, providers, log, environment, env }: SessionParts,
  products: Products,
): Promise<void> {
  try {
    await store.ready();
    await products.seedStarter(pharmacy.starter);
    await store.prices.remember(providers.prices.version, providers.prices.prices);
    const rules = seedRules(loadSeed(), environment, providers.listed, env);
    await seedRouting(store.configVersions, rules, env, log);
  } catch (error) {
    log.error(
      { code: (error as { code?: unknown }).code },
      'catalogue, prices or rules of the first start could not be written',
    );
  }
}
