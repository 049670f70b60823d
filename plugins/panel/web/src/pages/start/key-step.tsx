import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { start as t } from '../../messages/start.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, Load, Notice } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { regionOf } from '../providers/names.ts';
import { bodyOf, type Draft, faultOf, fieldNamed, fieldsOf } from '../providers/schema.ts';
import { SchemaForm } from '../providers/schema-form.tsx';
import type { Chosen, ProviderInfo, ProvidersAnswer } from '../providers/types.ts';

interface Tested {
  ok: boolean | null;
  message: string;
  field: string | null;
}

/** A vendor that hears, and what it has. */
interface VendorOffer {
  vendor: ProviderInfo['vendor'];
  stt: ProviderInfo;
  llm: ProviderInfo | null;
}

/** One offer a vendor, those that hear and take a key; who also recommends first: one key is enough. */
function offersOf(all: readonly ProviderInfo[]): VendorOffer[] {
  const offers = new Map<string, VendorOffer>();
  for (const stt of all) {
    if (stt.kind !== 'stt' || !stt.vendor.credential || offers.has(stt.vendor.id)) continue;
    const llm = all.find(({ kind, vendor }) => kind === 'llm' && vendor.id === stt.vendor.id) ?? null;
    offers.set(stt.vendor.id, { vendor: stt.vendor, stt, llm });
  }
  const byName = [...offers.values()].sort((a, b) => a.vendor.title.localeCompare(b.vendor.title));
  return [...byName.filter(({ llm }) => llm), ...byName.filter(({ llm }) => !llm)];
}

/** The key of whoever turns voice into text: tested, kept, and in force at once. */
export function KeyStep({ clientId, onDone }: { clientId: string; onDone(): void }) {
  const all = useLoad('start providers', (signal) => get<ProvidersAnswer>('/api/v1/providers', undefined, signal));
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Load of={all}>
      {({ items }) => {
        const offers = offersOf(items);
        const offer = offers.find(({ vendor }) => vendor.id === chosen) ?? offers[0];
        if (!offer) return null;
        return (
          <>
            <p>{t('key.text')}</p>
            <SelectField
              label={t('key.vendor')}
              hint={t('key.region', { region: regionOf(offer.vendor.region) })}
              value={offer.vendor.id}
              onValue={setChosen}
              options={offers.map(({ vendor, llm }) => ({
                value: vendor.id,
                label: t(llm ? 'key.vendor.both' : 'key.vendor.hears', { title: vendor.title }),
              }))}
            />
            <KeyForm key={offer.vendor.id} clientId={clientId} offer={offer} onDone={onDone} />
          </>
        );
      }}
    </Load>
  );
}

function KeyForm({ clientId, offer, onDone }: { clientId: string; offer: VendorOffer; onDone(): void }) {
  const fields = fieldsOf(offer.vendor.credential);
  const [draft, setDraft] = useState<Draft>({});
  const [tested, setTested] = useState<Tested | null>(null);
  const [isChecked, setChecked] = useState(false);
  const credential = bodyOf(fields, draft);
  const url = `/api/v1/clients/${clientId}`;
  const testing = useAction(async () =>
    setTested(await send<Tested>('POST', `${url}/credentials/${offer.vendor.id}/test`, { credential })),
  );
  const saving = useAction(async () => {
    const why = t('key.why');
    const key = { label: t('key.label'), credential, use: 'replace', why };
    await send('POST', `${url}/credentials/${offer.vendor.id}`, key);
    setDraft({});
    await prefer(url, 'stt', offer.stt.address, why);
    if (offer.llm) await prefer(url, 'llm', offer.llm.address, why);
    onDone();
  });
  const isWhole = fields.every((field) => faultOf(field, draft[field.name] ?? '') === null);
  const failed = testing.error ?? saving.error;
  const refusal = tested?.ok === false ? tested : failed;
  const refused = refusal?.field
    ? { field: fieldNamed(fields, refusal.field) ?? fields[0]?.name ?? '', message: refusal.message }
    : null;
  return (
    <form
      class="form"
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        if (isWhole) void saving.run();
      }}
    >
      <SchemaForm
        fields={fields}
        draft={draft}
        onDraft={(next) => {
          setDraft(next);
          setTested(null);
          testing.clear();
        }}
        isChecked={isChecked}
        refused={refused}
      />
      {tested && tested.ok !== false ? (
        <Notice tone={tested.ok ? 'good' : 'warn'}>
          <p role="status">{tested.message}</p>
        </Notice>
      ) : null}
      {failed && !refused ? <Failure error={failed} /> : null}
      <div class="actions">
        <Button
          isBusy={testing.isBusy}
          onClick={() => {
            setChecked(true);
            saving.clear();
            if (isWhole) void testing.run();
          }}
        >
          {t('key.test')}
        </Button>
        <Button type="submit" kind="primary" isBusy={saving.isBusy}>
          {t('key.save')}
        </Button>
      </div>
    </form>
  );
}

/** First this one, then who was usable before; nothing is changed where it is used already. */
async function prefer(url: string, kind: 'stt' | 'llm', address: string, why: string): Promise<void> {
  const { use } = await get<Chosen>(`${url}/providers/${kind}`);
  const usable = use.filter((each) => each.usable).map((each) => each.address);
  if (usable.includes(address)) return;
  await send('PUT', `${url}/providers/${kind}`, { use: [address, ...usable], why });
}
