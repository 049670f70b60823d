import type { RouteEntry } from './route-entry.ts';

const WHY = { why: 'teste' };

/** Routes by which providers are tried before they are used, and compared. */
export const PROVIDER_ROUTES: Record<string, RouteEntry> = {
  'POST /api/v1/drafts/:id/canary': {
    needs: 'providers.write',
    client: 'own',
    id: 'draft',
    body: { ...WHY, share: 0.5 },
  },
  'DELETE /api/v1/drafts/:id/canary': { needs: 'providers.write', client: 'own', id: 'draft', body: WHY },
  'POST /api/v1/global/credentials/:vendor/test': { needs: 'secrets.write' },
  'POST /api/v1/clients/:id/credentials/:vendor/test': { needs: 'secrets.write', client: 'own' },
  'POST /api/v1/counters/:id/credentials/:vendor/test': { needs: 'secrets.write', client: 'own' },
  'POST /api/v1/global/providers/:kind/preview': { needs: 'providers.write', body: { use: [] } },
  'POST /api/v1/clients/:id/providers/:kind/preview': { needs: 'providers.write', client: 'own', body: { use: [] } },
  'POST /api/v1/counters/:id/providers/:kind/preview': { needs: 'providers.write', client: 'own', body: { use: [] } },
  'GET /api/v1/figures/today': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/figures/forecast': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/figures/providers': { needs: 'clients.read', client: 'any' },
};
