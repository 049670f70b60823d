import type { RouteEntry } from './route-entry.ts';

const WHY = { why: 'teste' };

/** Routes by which providers and their keys are chosen, tried before they are used, and compared. */
export const PROVIDER_ROUTES: Record<string, RouteEntry> = {
  'GET /api/v1/global/providers/:kind': { needs: 'clients.read' },
  'PUT /api/v1/global/providers/:kind': { needs: 'providers.write' },
  'DELETE /api/v1/global/providers/:kind': { needs: 'providers.write', body: WHY },
  'GET /api/v1/global/credentials': { needs: 'clients.read' },
  'POST /api/v1/global/credentials/:vendor': { needs: 'secrets.write' },
  'PUT /api/v1/global/credentials/:vendor': { needs: 'secrets.write' },
  'GET /api/v1/clients/:id/providers/:kind': { needs: 'clients.read', client: 'own' },
  'PUT /api/v1/clients/:id/providers/:kind': { needs: 'providers.write', client: 'own' },
  'DELETE /api/v1/clients/:id/providers/:kind': { needs: 'providers.write', client: 'own', body: WHY },
  'GET /api/v1/clients/:id/credentials': { needs: 'clients.read', client: 'own' },
  'POST /api/v1/clients/:id/credentials/:vendor': { needs: 'secrets.write', client: 'own' },
  'PUT /api/v1/clients/:id/credentials/:vendor': { needs: 'secrets.write', client: 'own' },
  'GET /api/v1/counters/:id/providers/:kind': { needs: 'clients.read', client: 'own' },
  'PUT /api/v1/counters/:id/providers/:kind': { needs: 'providers.write', client: 'own' },
  'DELETE /api/v1/counters/:id/providers/:kind': { needs: 'providers.write', client: 'own', body: WHY },
  'GET /api/v1/counters/:id/credentials': { needs: 'clients.read', client: 'own' },
  'POST /api/v1/counters/:id/credentials/:vendor': { needs: 'secrets.write', client: 'own' },
  'PUT /api/v1/counters/:id/credentials/:vendor': { needs: 'secrets.write', client: 'own' },
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
  'GET /api/v1/costs': { needs: 'clients.read', client: 'any' },
  'POST /api/v1/routing/explain': { needs: 'clients.read', client: 'any', body: {} },
  'GET /api/v1/figures/today': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/figures/forecast': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/figures/providers': { needs: 'clients.read', client: 'any' },
};
