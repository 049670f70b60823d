import type { ComponentType } from 'preact';
import type { shell } from './messages/shell.ts';

type Loader = () => Promise<{ default: ComponentType }>;

export interface PageEntry {
  /** Under `/admin`. What is deeper belongs to the page, which routes there itself. */
  path: string;
  title: keyof typeof shell.table;
  group: 'counter' | 'shop' | 'providers' | 'admin' | null;
  /** Any of these, in at least one client; none: everybody who is signed in. */
  permissions: readonly string[];
  load: Loader;
}

/** Every page, in the order of the navigation. */
export const PAGES: readonly PageEntry[] = [
  { path: '/', title: 'page.start', group: null, permissions: [], load: () => import('./pages/start/index.tsx') },
  {
    path: '/ao-vivo',
    title: 'page.live',
    group: 'counter',
    permissions: ['clients.read'],
    load: () => import('./pages/live/index.tsx'),
  },
  {
    path: '/interacoes',
    title: 'page.interactions',
    group: 'counter',
    permissions: ['interactions.read'],
    load: () => import('./pages/interactions/index.tsx'),
  },
  {
    path: '/revisao',
    title: 'page.review',
    group: 'counter',
    permissions: ['reviews.write'],
    load: () => import('./pages/review/index.tsx'),
  },
  {
    path: '/balcao-virtual',
    title: 'page.virtual',
    group: 'counter',
    permissions: ['counters.write'],
    load: () => import('./pages/virtual/index.tsx'),
  },
  {
    path: '/balcoes',
    title: 'page.counters',
    group: 'shop',
    permissions: ['clients.read'],
    load: () => import('./pages/counters/index.tsx'),
  },
  {
    path: '/funcionarios',
    title: 'page.employees',
    group: 'shop',
    permissions: ['employees.write'],
    load: () => import('./pages/employees/index.tsx'),
  },
  {
    path: '/catalogo',
    title: 'page.catalogue',
    group: 'shop',
    permissions: ['clients.read'],
    load: () => import('./pages/catalogue/index.tsx'),
  },
  {
    path: '/provedores',
    title: 'page.providers',
    group: 'providers',
    permissions: ['clients.read'],
    load: () => import('./pages/providers/index.tsx'),
  },
  {
    path: '/rotas',
    title: 'page.routes',
    group: 'providers',
    permissions: ['clients.read'],
    load: () => import('./pages/routes/index.tsx'),
  },
  {
    path: '/custos',
    title: 'page.costs',
    group: 'providers',
    permissions: ['clients.read'],
    load: () => import('./pages/costs/index.tsx'),
  },
  {
    path: '/privacidade',
    title: 'page.privacy',
    group: 'admin',
    permissions: ['clients.read'],
    load: () => import('./pages/privacy/index.tsx'),
  },
  {
    path: '/usuarios',
    title: 'page.users',
    group: 'admin',
    permissions: ['users.write'],
    load: () => import('./pages/users/index.tsx'),
  },
  {
    path: '/auditoria',
    title: 'page.audit',
    group: 'admin',
    permissions: ['audit.read'],
    load: () => import('./pages/audit/index.tsx'),
  },
  {
    path: '/saude',
    title: 'page.health',
    group: 'admin',
    permissions: ['clients.read'],
    load: () => import('./pages/health/index.tsx'),
  },
  {
    path: '/conta',
    title: 'page.account',
    group: 'admin',
    permissions: [],
    load: () => import('./pages/account/index.tsx'),
  },
];
