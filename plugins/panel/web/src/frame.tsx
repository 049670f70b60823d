import { useEffect, useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { CurrentPage } from './current-page.tsx';
import { can, chooseClient, chosenClient, clients, logout, me } from './lib/session.ts';
import { chooseTheme, type Theme, theme } from './lib/theme.ts';
import { shell } from './messages/shell.ts';
import { PAGES, type PageEntry } from './pages.ts';
import { Button } from './ui/button.tsx';
import { SelectField } from './ui/field.tsx';

const GROUPS = ['counter', 'shop', 'providers', 'admin'] as const;

export function isAllowed({ permissions }: PageEntry): boolean {
  return permissions.length === 0 || permissions.some((permission) => can(permission));
}

/** Which page an address belongs to. */
export function pageAt(path: string): PageEntry | undefined {
  return PAGES.find((page) =>
    page.path === '/' ? path === '/' || path === '' : path === page.path || path.startsWith(`${page.path}/`),
  );
}

/** What is around every page. */
export function Frame() {
  const [location] = useLocation();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [location]);
  const page = pageAt(location);
  return (
    <div class="frame">
      <a class="skip" href="#conteudo">
        {shell('app.skip')}
      </a>
      <header class="top">
        <button
          type="button"
          class="icon-button menu-button"
          aria-expanded={isOpen}
          aria-controls="menu"
          aria-label={shell(isOpen ? 'nav.close' : 'nav.open')}
          onClick={() => setOpen(!isOpen)}
        >
          <span class="menu-icon" aria-hidden="true" />
        </button>
        <Link href="/" class="brand">
          Balto
        </Link>
        <ClientChoice />
        <Account />
      </header>
      <nav id="menu" class={isOpen ? 'open' : undefined} aria-label={shell('nav.label')}>
        <NavGroup pages={PAGES.filter(({ group }) => group === null)} current={page} />
        {GROUPS.map((group) => (
          <NavGroup
            key={group}
            title={shell(`nav.group.${group}`)}
            pages={PAGES.filter((entry) => entry.group === group)}
            current={page}
          />
        ))}
      </nav>
      <main id="conteudo" tabIndex={-1}>
        <CurrentPage page={page} />
      </main>
    </div>
  );
}

function NavGroup({
  title,
  pages,
  current,
}: {
  title?: string;
  pages: readonly PageEntry[];
  current: PageEntry | undefined;
}) {
  const shown = pages.filter(isAllowed);
  if (shown.length === 0) return null;
  return (
    <>
      {title ? <h2>{title}</h2> : null}
      <ul>
        {shown.map((page) => (
          <li key={page.path}>
            <Link href={page.path} aria-current={page === current ? 'page' : undefined}>
              {shell(page.title as 'page.start')}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function ClientChoice() {
  const all = clients.value;
  if (all.length < 2) return <span class="only-client">{all[0]?.name ?? ''}</span>;
  const options = [
    { value: '', label: shell('client.all') },
    ...all.map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <div class="client-choice">
      <SelectField
        label={shell('client.label')}
        isLabelHidden
        value={chosenClient.value ?? ''}
        onValue={(id) => chooseClient(id === '' ? null : id)}
        options={options}
      />
    </div>
  );
}

function Account() {
  const name = me.value?.name || me.value?.email || shell('session.owner');
  const themes = (['auto', 'light', 'dark'] as const).map((value) => ({ value, label: shell(`theme.${value}`) }));
  return (
    <div class="account">
      <SelectField<Theme>
        label={shell('theme.label')}
        isLabelHidden
        value={theme.value}
        onValue={chooseTheme}
        options={themes}
      />
      <Link href="/conta" class="who" title={shell('session.user', { name })}>
        {name}
      </Link>
      <Button kind="quiet" onClick={() => void logout()}>
        {shell('session.logout')}
      </Button>
    </div>
  );
}
