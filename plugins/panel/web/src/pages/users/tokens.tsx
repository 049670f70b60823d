import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { formatAgo, formatDate } from '../../lib/format.ts';
import { useList } from '../../lib/list.ts';
import { useAction } from '../../lib/load.ts';
import { can, canEverywhere, oneClient } from '../../lib/session.ts';
import { users as t } from '../../messages/users.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Empty, Failure, Load, tell } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { TokenDialog } from './token-dialog.tsx';
import { whereText } from './types.ts';

export interface Token {
  id: string;
  name: string;
  clientId: string | null;
  scopes: string[];
  prefix: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

type Whose = 'own' | 'client' | 'all';

/** What programs come in with. */
export function Tokens() {
  const clientId = oneClient.value;
  const [whose, setWhose] = useState<Whose>('own');
  const [turn, setTurn] = useState(0);
  const [isMaking, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const query = whose === 'all' ? { all: true } : whose === 'client' ? { clientId } : {};
  const tokens = useList<Token>('/api/v1/tokens', query, turn);
  const reload = () => setTurn((before) => before + 1);
  const choices: { value: Whose; label: string }[] = [
    { value: 'own', label: t('tokens.mine.own') },
    ...(clientId !== null && can('users.write', clientId)
      ? [{ value: 'client' as const, label: t('tokens.mine.client') }]
      : []),
    ...(canEverywhere('users.write') ? [{ value: 'all' as const, label: t('tokens.mine.all') }] : []),
  ];
  return (
    <Card
      title={t('tab.tokens')}
      actions={
        can('tokens.write') ? (
          <Button kind="primary" onClick={() => setMaking(true)}>
            {t('tokens.new')}
          </Button>
        ) : null
      }
    >
      <p class="hint">{t('tokens.lead')}</p>
      <div class="filters">
        <SelectField<Whose> label={t('tokens.mine')} value={whose} onValue={setWhose} options={choices} />
      </div>
      {tokens.error ? <Failure error={tokens.error} /> : null}
      <Load
        of={tokens.of}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title={t('tokens.none')}>
            <p>{t('tokens.none.text')}</p>
          </Empty>
        }
      >
        {({ items }) => (
          <Table
            caption={t('tokens.caption')}
            rows={items}
            keyOf={({ id }) => id}
            columns={columns(setRevoking)}
            onMore={tokens.more}
            isLoadingMore={tokens.isLoadingMore}
          />
        )}
      </Load>
      {isMaking ? <TokenDialog onDone={reload} onClose={() => setMaking(false)} /> : null}
      {revoking ? <Revoke token={revoking} onDone={reload} onClose={() => setRevoking(null)} /> : null}
    </Card>
  );
}

function stateOf({ revokedAt, expiresAt }: Token): 'active' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && new Date(expiresAt).getTime() < Date.now() ? 'expired' : 'active';
}

function columns(revoke: (token: Token) => void): Column<Token>[] {
  return [
    { key: 'name', label: t('tokens.name'), show: ({ name }) => name },
    { key: 'prefix', label: t('tokens.prefix'), show: ({ prefix }) => <code>{prefix}</code>, isExtra: true },
    { key: 'where', label: t('tokens.where'), show: ({ clientId }) => whereText(clientId), isExtra: true },
    {
      key: 'scopes',
      label: t('tokens.scopes'),
      show: ({ scopes }) => scopes.map((scope) => t.of(`scope.${scope}`, scope)).join('; '),
      isExtra: true,
    },
    {
      key: 'expires',
      label: t('tokens.expires'),
      show: ({ expiresAt }) => (expiresAt === null ? t('tokens.never') : formatDate(expiresAt)),
    },
    {
      key: 'used',
      label: t('tokens.used'),
      show: ({ lastUsedAt }) => (lastUsedAt === null ? t('tokens.unused') : formatAgo(lastUsedAt)),
      isExtra: true,
    },
    {
      key: 'state',
      label: t('column.state'),
      show: (token) => {
        const state = stateOf(token);
        return <Badge tone={state === 'active' ? 'good' : 'plain'}>{t(`tokens.state.${state}`)}</Badge>;
      },
    },
    {
      key: 'action',
      label: t('column.action'),
      show: (token) =>
        token.revokedAt === null ? (
          <Button
            isSmall
            kind="danger"
            aria-label={t('tokens.revokeOf', { name: token.name })}
            onClick={() => revoke(token)}
          >
            {t('tokens.revoke')}
          </Button>
        ) : null,
    },
  ];
}

function Revoke({ token, onDone, onClose }: { token: Token; onDone(): void; onClose(): void }) {
  const { run, isBusy, error } = useAction(() => send('DELETE', `/api/v1/tokens/${encodeURIComponent(token.id)}`));
  const confirm = async () => {
    if (!(await run())) return;
    tell(t('tokens.revoked'));
    onDone();
    onClose();
  };
  return (
    <Confirm
      title={t('tokens.revoke.title')}
      confirmLabel={t('tokens.revoke')}
      isBusy={isBusy}
      error={error}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>{t('tokens.revoke.text', { name: token.name })}</p>
    </Confirm>
  );
}
