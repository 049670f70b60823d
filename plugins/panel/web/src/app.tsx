import { useEffect, useState } from 'preact/hooks';
import { Route, Router, Switch } from 'wouter-preact';
import { Frame } from './frame.tsx';
import { INVITE_PATH, Invite } from './invite.tsx';
import { ApiError, isOnline } from './lib/api.ts';
import { loadSession, me } from './lib/session.ts';
import { Login } from './login.tsx';
import { shell } from './messages/shell.ts';
import { Failure, Skeleton, Toasts } from './ui/feedback.tsx';

/** How often a server that was away is asked whether it is back. */
const KNOCK_MS = 5000;

export function App() {
  const [failure, setFailure] = useState<ApiError | null>(null);
  const open = () => {
    setFailure(null);
    loadSession().catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
    });
  };
  useEffect(open, []);
  return (
    <Router base="/admin">
      <Offline />
      <Switch>
        <Route path={INVITE_PATH}>
          <Invite />
        </Route>
        <Route>
          {failure ? (
            <main class="alone">
              <Failure error={failure} onRetry={open} />
            </main>
          ) : me.value === undefined ? (
            <main class="alone">
              <Skeleton />
            </main>
          ) : me.value === null ? (
            <Login />
          ) : (
            <Frame />
          )}
        </Route>
      </Switch>
      <Toasts />
    </Router>
  );
}

function Offline() {
  const isAway = !isOnline.value;
  useEffect(() => {
    if (!isAway) return;
    const knock = setInterval(() => {
      fetch('/health/live').then(
        () => (isOnline.value = true),
        () => (isOnline.value = false),
      );
    }, KNOCK_MS);
    return () => clearInterval(knock);
  }, [isAway]);
  return isAway ? (
    <p class="offline" role="alert">
      {shell('offline.banner')}
    </p>
  ) : null;
}
