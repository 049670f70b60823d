import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { start as t } from '../../messages/start.ts';
import { Load } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { KeyForm } from '../providers/key-form.tsx';
import { regionOf } from '../providers/names.ts';
import type { Chosen, ProviderInfo, ProvidersAnswer } from '../providers/types.ts';

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
            <KeyForm
              key={offer.vendor.id}
              schema={offer.vendor.credential}
              url={`/api/v1/clients/${clientId}/credentials/${offer.vendor.id}`}
              words={{ test: t('key.test'), save: t('key.save') }}
              save={async (credential) => {
                await keep(clientId, offer, credential);
                onDone();
              }}
            />
          </>
        );
      }}
    </Load>
  );
}

/** The key is kept, and what it opens is used first. */
async function keep(clientId: string, { vendor, stt, llm }: VendorOffer, credential: Record<string, unknown>) {
  const url = `/api/v1/clients/${clientId}`;
  const why = t('key.why');
  await send('POST', `${url}/credentials/${vendor.id}`, { label: t('key.label'), credential, use: 'replace', why });
  await prefer(url, 'stt', stt.address, why);
  if (llm) await prefer(url, 'llm', llm.address, why);
}

/** First this one, then who was usable before; nothing is changed where it is used already. */
async function prefer(url: string, kind: 'stt' | 'llm', address: string, why: string): Promise<void> {
  const { use } = await get<Chosen>(`${url}/providers/${kind}`);
  const usable = use.filter((each) => each.usable).map((each) => each.address);
  if (usable.includes(address)) return;
  await send('PUT', `${url}/providers/${kind}`, { use: [address, ...usable], why });
}
