import { useState } from 'preact/hooks';
import { review as t } from '../../messages/review.ts';
import { shell } from '../../messages/shell.ts';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Readable } from '../interactions/readable.tsx';
import { Queue } from './queue.tsx';
import { Results } from './results.tsx';

/** Revisão: what waits, and what the reviews say. */
export default function ReviewPage() {
  const [tab, setTab] = useState<'queue' | 'results'>('queue');
  return (
    <Page title={shell('page.review')} lead={t('lead')}>
      <Tabs
        label={shell('page.review')}
        tabs={(['queue', 'results'] as const).map((key) => ({ key, label: t(`tab.${key}`) }))}
        current={tab}
        onChange={(key) => setTab(key)}
      >
        {tab === 'queue' ? (
          <Readable>
            <Queue />
          </Readable>
        ) : (
          <Results />
        )}
      </Tabs>
    </Page>
  );
}
