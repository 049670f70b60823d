import type { ComponentChildren } from 'preact';
import { chooseClient, clients, oneClient } from '../lib/session.ts';
import { shell } from '../messages/shell.ts';
import { Button } from './button.tsx';
import { Empty } from './feedback.tsx';

/** For pages about one client: what it shows for the chosen one, else the choice. */
export function OneClient({ children }: { children: (clientId: string) => ComponentChildren }) {
  const id = oneClient.value;
  if (id !== null) return <>{children(id)}</>;
  const all = clients.value;
  if (all.length === 0) return <Empty title={shell('client.none')} />;
  return (
    <Empty title={shell('client.choose')}>
      <p>{shell('client.choose.text')}</p>
      <div class="actions">
        {all.slice(0, 12).map((client) => (
          <Button key={client.id} onClick={() => chooseClient(client.id)}>
            {client.name}
          </Button>
        ))}
      </div>
    </Empty>
  );
}
