import { useState } from 'preact/hooks';
import { virtual as t } from '../../messages/virtual.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import { Waterfall } from '../../ui/waterfall.tsx';
import type { VirtualSession } from './session.ts';

/** The card as the counter's screen would show it, and where its time went. */
export function Suggestion({ session }: { session: VirtualSession }) {
  const card = session.card.value;
  const told = session.cardTold.value;
  const [answered, setAnswered] = useState<number | null>(null);
  if (!card) {
    return (
      <Card title={t('card.title')}>
        <p class="hint" role="status">
          {told && told.itemCount === 0 ? t('card.none') : t('card.empty')}
        </p>
      </Card>
    );
  }
  const answer = (result: 'aceito' | 'recusado') => {
    session.feedback(card.interactionId, result);
    setAnswered(card.interactionId);
  };
  return (
    <Card
      title={t('card.title')}
      actions={<Badge tone="info">{t.of(`card.confidence.${card.confidence}`, '–')}</Badge>}
    >
      <div class="suggestion" aria-live="polite">
        {card.items.map(({ sugestao, explicacao }) => (
          <div key={sugestao}>
            <h3>{sugestao}</h3>
            <p>{explicacao}</p>
          </div>
        ))}
        {card.warning ? <Notice tone="warn">{card.warning}</Notice> : null}
      </div>
      <div class="actions">
        {answered === card.interactionId ? (
          <p role="status">{t('card.told')}</p>
        ) : (
          <>
            <Button onClick={() => answer('aceito')}>{t('card.accept')}</Button>
            <Button onClick={() => answer('recusado')}>{t('card.refuse')}</Button>
          </>
        )}
      </div>
      {told && told.interactionId === card.interactionId ? (
        <>
          <p class="hint">{t.of(`source.${told.source}`, told.source)}</p>
          <Waterfall stages={told.waterfall} />
        </>
      ) : null}
    </Card>
  );
}
