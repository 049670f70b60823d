import { virtual as t } from '../../messages/virtual.ts';
import { Waterfall } from '../../ui/waterfall.tsx';
import type { HeardLine, UtteranceTold } from './heard.ts';

/** What was said, the newest last: partial words grey, then the provider, why it, and where the time went. */
export function Heard({ lines }: { lines: readonly HeardLine[] }) {
  if (lines.length === 0) return <p class="hint">{t('heard.empty')}</p>;
  return (
    <ol class="heard" aria-live="polite">
      {lines.map((line) => (
        <li key={line.segment}>
          <p class={`heard-text${line.isFinal ? '' : ' partial'}`}>
            {line.text === '' ? (line.isFinal ? t('heard.nothing') : '…') : line.text}
          </p>
          {line.told ? <Told told={line.told} /> : null}
        </li>
      ))}
    </ol>
  );
}

function Told({ told }: { told: UtteranceTold }) {
  const { provider, decision, waterfall } = told;
  return (
    <>
      <p class="hint">{t('heard.by', { provider: provider ?? '–', rule: decision.rule ?? t('heard.rule') })}</p>
      <details>
        <summary>{t('heard.why')}</summary>
        <p>{t('heard.candidates', { list: decision.candidates.join(', ') || '–' })}</p>
        {decision.rejected.length > 0 ? (
          <ul>
            {decision.rejected.map(({ address, reason }) => (
              <li key={address}>{t('heard.rejected', { provider: address, reason })}</li>
            ))}
          </ul>
        ) : null}
        <Waterfall stages={waterfall} />
      </details>
    </>
  );
}
