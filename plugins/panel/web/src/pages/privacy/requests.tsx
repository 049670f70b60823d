import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { privacy as t } from '../../messages/privacy.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Failure, tell } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { Receipts, ReceiptView } from './receipts.tsx';
import { bodyOf, NO_SCOPE, scopeText } from './scope.ts';
import { ScopeFields } from './scope-fields.tsx';
import type { Employee, Receipt } from './types.ts';

interface Named {
  id: string | number;
  name: string;
}

/** Somebody asks for what is kept of him, or that it goes. */
export function Requests({ path }: { path: string }) {
  const [draft, setDraft] = useState(NO_SCOPE);
  const [why, setWhy] = useState('');
  const [isErasing, setErasing] = useState(false);
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  const [turn, setTurn] = useState(0);
  const employees = useLoad(`${path} employees`, (signal) =>
    get<{ items: Employee[] }>(`${path}/employees`, { limit: 500 }, signal),
  );
  const counters = useLoad(`${path} counters`, (signal) =>
    get<{ items: { id: string; name: string }[] }>(`${path}/counters`, { limit: 500 }, signal),
  );
  const scope = bodyOf(draft);
  const isReady = scope !== null && why.trim() !== '';
  const nameOf = (kind: 'employee' | 'counter', id: string): string => {
    const all: readonly Named[] = (kind === 'employee' ? employees.data?.items : counters.data?.items) ?? [];
    return all.find((each) => String(each.id) === id)?.name ?? id;
  };
  const handOut = useAction(async () => {
    const lines = await send<Blob>('POST', `${path}/lgpd/export`, { ...scope, why: why.trim() });
    save(lines);
    tell(t('request.exported'));
    setTurn((before) => before + 1);
  });
  const erase = useAction(async () => {
    setReceipt(await send<Receipt>('POST', `${path}/lgpd/erase`, { ...scope, why: why.trim() }));
    tell(t('request.erased'));
    setErasing(false);
    setWhy('');
    setTurn((before) => before + 1);
  });
  const isUnknown = employees.error ?? counters.error;
  return (
    <>
      <Card title={t('request.title')}>
        <p class="hint">{t('request.text')}</p>
        {isUnknown ? <Failure error={isUnknown} /> : null}
        <form class="form privacy-form" onSubmit={(event) => event.preventDefault()}>
          <ScopeFields
            of={draft}
            onChange={setDraft}
            employees={employees.data?.items ?? []}
            counters={counters.data?.items ?? []}
          />
          <TextField label={t('why')} hint={t('why.hint')} value={why} onValue={setWhy} isRequired maxLength={500} />
          {handOut.error ? <Failure error={handOut.error} /> : null}
          <div class="actions">
            <Button isBusy={handOut.isBusy} disabled={!isReady} onClick={() => void handOut.run()}>
              {t('request.export')}
            </Button>
            <Button kind="danger" disabled={!isReady} onClick={() => setErasing(true)}>
              {t('request.erase')}
            </Button>
          </div>
        </form>
      </Card>
      {receipt ? <ReceiptView of={receipt} /> : null}
      <Receipts path={path} turn={turn} onSee={setReceipt} />
      {isErasing ? (
        <Confirm
          title={t('request.erase.title')}
          confirmLabel={t('request.erase')}
          word={t('request.word')}
          isBusy={erase.isBusy}
          error={erase.error}
          onConfirm={() => void erase.run()}
          onClose={() => setErasing(false)}
        >
          <p>{t('request.erase.text', { what: scopeText(draft, nameOf) })}</p>
          <p class="hint">{t('request.erase.copies')}</p>
        </Confirm>
      ) : null}
    </>
  );
}

/** Hands a file to the browser's downloads. */
function save(lines: Blob): void {
  const url = URL.createObjectURL(lines);
  const link = document.createElement('a');
  link.href = url;
  link.download = 'titular.ndjson';
  link.click();
  URL.revokeObjectURL(url);
}
