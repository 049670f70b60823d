import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { isAllowed } from './frame.tsx';
import { shell } from './messages/shell.ts';
import type { PageEntry } from './pages.ts';
import { Button } from './ui/button.tsx';
import { Empty, Notice, Skeleton } from './ui/feedback.tsx';
import { Page } from './ui/page.tsx';

/** The page of the address, once its chunk is there. */
export function CurrentPage({ page }: { page: PageEntry | undefined }) {
  if (!page) {
    return (
      <Page title={shell('page.missing')}>
        <Empty title={shell('page.missing.text')} />
      </Page>
    );
  }
  if (!isAllowed(page)) {
    return (
      <Page title={shell('page.forbidden')}>
        <Empty title={shell('page.forbidden.text')} />
      </Page>
    );
  }
  return (
    <Guard key={page.path}>
      <Lazy page={page} />
    </Guard>
  );
}

const loaded = new Map<PageEntry, ComponentType>();

function Lazy({ page }: { page: PageEntry }) {
  const [, setTurn] = useState(0);
  const [failure, setFailure] = useState<Error | null>(null);
  useEffect(() => {
    if (loaded.has(page)) return;
    let isHere = true;
    page.load().then(
      (module) => {
        loaded.set(page, module.default);
        if (isHere) setTurn((turn) => turn + 1);
      },
      (error: Error) => isHere && setFailure(error),
    );
    return () => {
      isHere = false;
    };
  }, [page]);
  // A new version of Balto has other chunks: only a reload helps, and the guard offers it.
  if (failure) throw failure;
  const Found = loaded.get(page);
  return Found ? <Found /> : <Skeleton lines={6} />;
}

/** A page that throws takes only itself down. */
class Guard extends Component<{ children: ComponentChildren }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static override getDerivedStateFromError() {
    return { isBroken: true };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render() {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Notice tone="bad" title={shell('error.title')}>
        <p>{shell('error.page')}</p>
        <Button onClick={() => location.reload()}>{shell('error.reload')}</Button>
      </Notice>
    );
  }
}
