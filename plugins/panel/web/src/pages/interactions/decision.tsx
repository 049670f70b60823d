import { interactions as t } from '../../messages/interactions.ts';
import { Card } from '../../ui/page.tsx';
import { explained } from './explain.ts';

/** Why this provider, why not the others, and what each attempt came to: in sentences. */
export function Decision({ decision }: { decision: unknown }) {
  const why = explained(decision);
  return (
    <Card title={t('why.title')}>
      {why === null ? (
        <p>{t('why.none')}</p>
      ) : (
        <>
          {why.sentences.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          {why.rejected.length > 0 ? (
            <>
              <h3>{t('why.rejected')}</h3>
              <ul class="ix-sentences">
                {why.rejected.map(({ address, reason }) => (
                  <li key={`${address} ${reason}`}>{t('why.rejected.one', { address, reason })}</li>
                ))}
              </ul>
            </>
          ) : null}
          {why.attempts.length > 0 ? (
            <>
              <h3>{t('why.attempts')}</h3>
              <ol class="ix-sentences">
                {why.attempts.map((sentence, index) => (
                  <li key={index}>{sentence}</li>
                ))}
              </ol>
            </>
          ) : null}
        </>
      )}
    </Card>
  );
}
