import { virtual as t } from '../../messages/virtual.ts';
import { Waterfall } from '../../ui/waterfall.tsx';
import type { UsedProvider } from '../providers/types.ts';
import type { HeardLine, UtteranceTold } from './heard.ts';

/** What was said, the newest last: partial words grey, then the provider, why it, and where the time went. */
export function Heard({ lines, providers }: { lines: readonly HeardLine[]; providers: readonly UsedProvider[] }) {
  if (lines.length === 0) return <p class="hint">{t('heard.empty')}</p>;
  return (
    <ol class="heard" aria-live="polite">
      {lines.map((line) => (
        <li key={line.segment}>
          <p class={`heard-text${line.isFinal ? '' : ' partial'}`}>
            {line.text === '' ? (line.isFinal ? t('heard.nothing') : '…') : line.text}
          </p>
          {line.told ? <Told told={line.told} nameOf={nameIn(providers)} /> : null}
        </li>
      ))}
    </ol>
  );
}

/** A provider as people call it; one that is not this client's by its address. */
function nameIn(providers: readonly UsedProvider[]): (address: string) => string {
  return (address) => providers.find((each) => each.address === address)?.title ?? address;
}

function Told({ told, nameOf }: { told: UtteranceTold; nameOf(address: string): string }) {
  const { provider, decision, waterfall } = told;
  return (
    <>
      <p class="hint">
        {t('heard.by', {
          provider: provider === null ? '–' : nameOf(provider),
          rule: decision.rule ?? t('heard.rule'),
        })}
      </p>
      <details>
        <summary>{t('heard.why')}</summary>
        <p>{t('heard.candidates', { list: decision.candidates.map(nameOf).join(', ') || '–' })}</p>
        {decision.rejected.length > 0 ? (
          <ul>
            {decision.rejected.map(({ address, reason }) => (
              <li key={address}>{t('heard.rejected', { provider: nameOf(address), reason })}</li>
            ))}
          </ul>
        ) : null}
        <Waterfall stages={waterfall} />
      </details>
    </>
  );
}
