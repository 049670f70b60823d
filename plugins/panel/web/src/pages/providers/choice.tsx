import { useState } from 'preact/hooks';
import { ApiError, request, send } from '../../lib/api.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can, canEverywhere } from '../../lib/session.ts';
import { providers as t } from '../../messages/providers.ts';
import { AskWhy } from '../../ui/ask-why.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure, Load, Notice, tell } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import { Conflict } from './conflict.tsx';
import { isSame } from './order.ts';
import { OrderEditor } from './order-editor.tsx';
import { PreviewResult, Warnings } from './preview.tsx';
import {
  type Chosen,
  type Draft,
  type HealthInfo,
  type Place,
  type PreviewAnswer,
  type ProviderInfo,
  pathOf,
  type Warned,
} from './types.ts';

interface Read {
  chosen: Chosen;
  etag: string | null;
  /** What looked wrong when it was put in force just now. */
  warnings?: Warned[];
}

const UTTERANCES = 50;

/** The list of one kind at one place: its order, what another one would have done, and the ways to put it in force. */
export function Choice({
  all,
  health,
  kind,
  place,
  clientId,
  onDraft,
}: {
  all: readonly ProviderInfo[];
  health: readonly HealthInfo[];
  kind: string;
  place: Place;
  /** Whose place it is; null: everyone's. */
  clientId: string | null;
  /** A draft was kept: it is tried or put in force where drafts are. */
  onDraft(): void;
}) {
  const url = `${pathOf(place)}/providers/${kind}`;
  const read = useLoad<Read>(url, async (signal) => {
    const { data, etag } = await request<Chosen>('GET', url, { signal });
    return { chosen: data, etag };
  });
  const mayWrite = clientId === null ? canEverywhere('providers.write') : can('providers.write', clientId);
  return (
    <Load of={read} lines={5}>
      {(found) => (
        <Editor
          key={`${url} ${found.etag}`}
          {...{ all, health, kind, place, clientId, url, read: found, mayWrite, onDraft }}
          onRead={read.set}
        />
      )}
    </Load>
  );
}

function Editor(props: {
  all: readonly ProviderInfo[];
  health: readonly HealthInfo[];
  kind: string;
  place: Place;
  clientId: string | null;
  url: string;
  read: Read;
  mayWrite: boolean;
  onRead(read: Read): void;
  onDraft(): void;
}) {
  const { all, health, kind, place, clientId, url, read, mayWrite, onRead, onDraft } = props;
  const before = read.chosen.use.map(({ address }) => address);
  const [use, setUse] = useState(before);
  /** What the change is made on: what was read, or what somebody else put in force since. */
  const [base, setBase] = useState(read);
  const [preview, setPreview] = useState<PreviewAnswer | null>(null);
  const [asking, setAsking] = useState<'activate' | 'draft' | 'remove' | null>(null);
  const [theirs, setTheirs] = useState<Read | null>(null);
  const { etag } = base;
  const settings = base.chosen.own?.settings;
  const body = { use, ...(settings ? { settings } : {}) };
  const reorder = (next: string[]) => {
    setUse(next);
    setPreview(null);
  };
  const previewing = useAction(async () =>
    setPreview(await send<PreviewAnswer>('POST', `${url}/preview`, { ...body, utterances: UTTERANCES })),
  );
  const writing = useAction(async (why: string) => {
    try {
      await write(why);
      setAsking(null);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 412) throw error;
      const now = await request<Chosen>('GET', url);
      setAsking(null);
      setTheirs({ chosen: now.data, etag: now.etag });
    }
  });
  const write = async (why: string) => {
    if (asking === 'draft') {
      const { draft } = await send<{ draft: Draft }>('PUT', url, { ...body, why, activate: false }, { etag });
      const [refused] = draft.validation?.errors ?? [];
      if (draft.state === 'refused' && refused) {
        throw new ApiError(422, { code: refused.code, message: refused.message, field: refused.field });
      }
      tell(t('choice.drafted'));
      return onDraft();
    }
    const isRemoval = asking === 'remove';
    const done = await request<Chosen & { warnings: Warned[] }>(isRemoval ? 'DELETE' : 'PUT', url, {
      body: isRemoval ? { why } : { ...body, why },
      etag,
    });
    tell(t('choice.inForce'));
    onRead({ chosen: done.data, etag: done.etag, warnings: done.data.warnings });
  };
  const isChanged = !isSame(use, before) || etag !== read.etag;
  const ofKind = all.filter((each) => each.kind === kind);
  return (
    <Card
      title={t.of(`kind.${kind}`, kind)}
      actions={
        <Badge tone={read.chosen.own?.use ? 'info' : 'plain'}>
          {t.of(`layer.${read.chosen.layer}`, read.chosen.layer)}
        </Badge>
      }
    >
      <p class="hint">{t.of(`kindHint.${kind}`, '')}</p>
      <Warnings errors={[]} warnings={read.warnings ?? []} />
      <OrderEditor all={ofKind} used={read.chosen.use} isReadOnly={!mayWrite} onUse={reorder} {...{ health, use }} />
      {previewing.error ? <Failure error={previewing.error} /> : null}
      {preview ? <PreviewResult all={all} preview={preview} /> : null}
      {mayWrite ? (
        <div class="actions">
          {kind === 'stt' || kind === 'llm' ? (
            <Button onClick={() => void previewing.run()} isBusy={previewing.isBusy}>
              {t('choice.preview')}
            </Button>
          ) : null}
          <Button onClick={() => setAsking('draft')} disabled={!isChanged}>
            {t('choice.draft')}
          </Button>
          <Button kind="primary" onClick={() => setAsking('activate')} disabled={!isChanged}>
            {t('choice.activate')}
          </Button>
          {read.chosen.own && place.kind !== 'global' ? (
            <Button kind="quiet" onClick={() => setAsking('remove')}>
              {t('choice.remove')}
            </Button>
          ) : null}
          {isChanged ? (
            <Button kind="quiet" onClick={() => reorder(before)}>
              {t('choice.reset')}
            </Button>
          ) : null}
        </div>
      ) : (
        <Notice>{t('choice.readOnly')}</Notice>
      )}
      {asking ? (
        <AskWhy
          title={t(`choice.ask.${asking}`)}
          confirmLabel={t(`choice.confirm.${asking}`)}
          isBusy={writing.isBusy}
          error={writing.error}
          onConfirm={(why) => void writing.run(why)}
          onClose={() => {
            setAsking(null);
            writing.clear();
          }}
        >
          <p>{t(`choice.ask.${asking}.text`)}</p>
        </AskWhy>
      ) : null}
      {theirs ? (
        <Conflict
          all={all}
          mine={use}
          theirs={theirs.chosen}
          {...{ place, clientId }}
          onTheirs={() => onRead(theirs)}
          onMine={() => {
            setBase(theirs);
            setTheirs(null);
          }}
        />
      ) : null}
    </Card>
  );
}
