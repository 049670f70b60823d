import { useEffect, useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { formatAgo, formatBytes, formatMoment } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { actorText, usePeople } from '../../lib/people.ts';
import { health as t } from '../../messages/health.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm, Dialog } from '../../ui/dialog.tsx';
import { Empty, Failure, Load, tell } from '../../ui/feedback.tsx';
import { errorAt, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import type { BackupStatus, Copy } from './types.ts';

interface Copies {
  items: Copy[];
  status: BackupStatus;
}

/** How often a copy in the making is asked about. */
const ASK_MS = 1500;
const TONES = { fazendo: 'info', pronta: 'good', falhou: 'bad' } as const;

/** The copies there are, one more, and one to take away. */
export function Copies({ turn, onChange }: { turn: number; onChange(): void }) {
  const copies = useLoad(`copies ${turn}`, (signal) => get<Copies>('/api/v1/backups', undefined, signal));
  usePeople();
  const { run, isBusy, error } = useAction(() => send<Copy>('POST', '/api/v1/backups'));
  const [waiting, setWaiting] = useState(false);
  const [downloading, setDownloading] = useState<Copy | null>(null);
  const [deleting, setDeleting] = useState<Copy | null>(null);
  const making = copies.data?.items.some(({ state }) => state === 'fazendo') ?? false;
  useEffect(() => {
    if (!making) {
      const [newest] = copies.data?.items ?? [];
      if (waiting && newest) {
        setWaiting(false);
        if (newest.state === 'pronta') tell(t('copies.done'));
        else tell(t('copies.failed'), 'bad');
        onChange();
      }
      return;
    }
    setWaiting(true);
    const ask = setInterval(copies.reload, ASK_MS);
    return () => clearInterval(ask);
  }, [making, copies.data]);
  const begin = async () => {
    if (!(await run())) return;
    setWaiting(true);
    tell(t('copies.begun'), 'info');
    copies.reload();
  };
  return (
    <Card
      title={t('copies.title')}
      actions={
        <Button kind="primary" onClick={() => void begin()} isBusy={isBusy || making}>
          {t('copies.now')}
        </Button>
      }
    >
      <p class="hint">{t('copies.text')}</p>
      {error ? <Failure error={error} /> : null}
      <Load
        of={copies}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title={t('copies.none')}>
            <p>{t('copies.none.text')}</p>
          </Empty>
        }
      >
        {({ items, status }) => (
          <>
            <Table
              caption={t('copies.title')}
              rows={items}
              keyOf={({ id }) => id}
              columns={columns(setDownloading, setDeleting)}
            />
            <p class="hint">{t('copies.keep', { n: status.keep })}</p>
          </>
        )}
      </Load>
      {downloading ? <Download copy={downloading} onClose={() => setDownloading(null)} /> : null}
      {deleting ? (
        <Delete
          copy={deleting}
          onClose={() => setDeleting(null)}
          onDone={() => {
            setDeleting(null);
            copies.reload();
            onChange();
          }}
        />
      ) : null}
    </Card>
  );
}

function columns(onDownload: (copy: Copy) => void, onDelete: (copy: Copy) => void): Column<Copy>[] {
  return [
    {
      key: 'made',
      label: t('copies.made'),
      show: ({ finishedAt, startedAt }) => formatMoment(finishedAt ?? startedAt),
    },
    { key: 'age', label: t('copies.age'), show: ({ finishedAt }) => formatAgo(finishedAt), isExtra: true },
    { key: 'size', label: t('copies.size'), show: ({ bytes }) => formatBytes(bytes), isNumber: true, isExtra: true },
    {
      key: 'by',
      label: t('copies.by'),
      show: ({ by, kind }) => `${actorText(by)}, ${t.of(`copies.kind.${kind}`, kind)}`,
      isExtra: true,
    },
    {
      key: 'state',
      label: t('copies.state'),
      show: ({ state, failure }) => (
        <>
          <Badge tone={TONES[state]}>{t.of(`copies.state.${state}`, state)}</Badge>
          {failure ? <span class="hint"> {failure}</span> : null}
        </>
      ),
    },
    {
      key: 'action',
      label: t('copies.action'),
      show: (copy) =>
        copy.canDownload ? (
          <div class="actions">
            <Button isSmall onClick={() => onDownload(copy)}>
              {t('copies.download')}
            </Button>
            <Button isSmall kind="quiet" onClick={() => onDelete(copy)}>
              {t('copies.delete')}
            </Button>
          </div>
        ) : null,
    },
  ];
}

/** Asks for the password, and lets the browser take the file as it comes: it never stands whole in memory. */
function Download({ copy, onClose }: { copy: Copy; onClose(): void }) {
  const [password, setPassword] = useState('');
  const { run, isBusy, error } = useAction(() => send('POST', '/api/v1/me/confirm', { password }));
  const submit = async () => {
    if (!(await run())) return;
    onClose();
    location.assign(`/api/v1/backups/${encodeURIComponent(copy.id)}/file`);
  };
  const atField = errorAt(error, 'password');
  return (
    <Dialog title={t('password.title')} onClose={onClose}>
      <Form
        submit={t('password.submit')}
        {...{ isBusy, error }}
        isDisabled={password === ''}
        shown={['password']}
        onSubmit={() => void submit()}
      >
        <p>{t('password.text')}</p>
        <TextField
          label={t('password.label')}
          type="password"
          autoComplete="current-password"
          value={password}
          onValue={setPassword}
          error={atField}
          autoFocus
        />
      </Form>
    </Dialog>
  );
}

function Delete({ copy, onClose, onDone }: { copy: Copy; onClose(): void; onDone(): void }) {
  const [why, setWhy] = useState('');
  const { run, isBusy, error } = useAction(() => send('DELETE', `/api/v1/backups/${copy.id}`, { why }));
  const confirm = async () => {
    if (!(await run())) return;
    tell(t('copies.deleted'));
    onDone();
  };
  return (
    <Confirm
      title={t('copies.delete.title')}
      confirmLabel={t('copies.delete')}
      isBusy={isBusy}
      error={error}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>{t('copies.delete.text', { date: formatMoment(copy.finishedAt) })}</p>
      <TextField label={t('why')} hint={t('why.hint')} value={why} onValue={setWhy} isRequired maxLength={500} />
    </Confirm>
  );
}
