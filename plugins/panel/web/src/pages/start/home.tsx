import { Link } from 'wouter-preact';
import { get } from '../../lib/api.ts';
import { formatNumber } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { start as t } from '../../messages/start.ts';
import { Load } from '../../ui/feedback.tsx';
import { Card, Stat } from '../../ui/page.tsx';

interface Today {
  interactions: number;
  cards: number;
  counters: number;
  employees: number;
}

const LINKS = [
  { path: '/ao-vivo', text: 'go.live', permission: 'clients.read' },
  { path: '/balcao-virtual', text: 'go.virtual', permission: 'counters.write' },
  { path: '/balcoes', text: 'go.counters', permission: 'clients.read' },
  { path: '/catalogo', text: 'go.catalogue', permission: 'lists.write' },
  { path: '/funcionarios', text: 'go.employees', permission: 'employees.write' },
] as const;

/** Of a house that runs: today in four figures, and the ways on. */
export function Home({ clientId }: { clientId: string | null }) {
  const today = useLoad(`today ${clientId}`, (signal) => get<Today>('/api/v1/figures/today', { clientId }, signal));
  return (
    <>
      <Card title={t('today.title')}>
        <Load of={today}>
          {({ interactions, cards, counters, employees }) => (
            <div class="stats">
              <Stat label={t('today.interactions')} value={formatNumber(interactions)} />
              <Stat label={t('today.cards')} value={formatNumber(cards)} />
              <Stat label={t('today.counters')} value={formatNumber(counters)} />
              <Stat label={t('today.employees')} value={formatNumber(employees)} />
            </div>
          )}
        </Load>
      </Card>
      <Card title={t('go.title')}>
        <div class="actions">
          {LINKS.filter(({ permission }) => can(permission)).map(({ path, text }) => (
            <Link key={path} href={path} class="button">
              {t(text)}
            </Link>
          ))}
        </div>
      </Card>
    </>
  );
}
