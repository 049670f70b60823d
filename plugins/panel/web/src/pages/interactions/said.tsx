import { useEffect, useRef, useState } from 'preact/hooks';
import { request } from '../../lib/api.ts';
import { formatNumber, formatShare } from '../../lib/format.ts';
import { useAction } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import type { Detailed, Word } from './types.ts';

/** Below this a vendor thinks itself more likely wrong than right; the server marks by the same. */
const DOUBTFUL_BELOW = 0.5;
const HIDDEN = '•••';

/** The text, its words with their times, and the voice where it is kept. */
export function Said({ row }: { row: Detailed }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [url, setUrl] = useState<string | null>(null);
  const [atMs, setAtMs] = useState<number | null>(null);
  // What was heard stays in this page's memory, and goes with it.
  useEffect(() => () => void (url === null ? null : URL.revokeObjectURL(url)), [url]);
  const { run, isBusy, error } = useAction(async () => {
    const { data } = await request<Blob>('GET', `/api/v1/interactions/${row.id}/audio`);
    setUrl(URL.createObjectURL(data));
  });
  const playFrom = (ms: number) => {
    const player = audio.current;
    if (!player) return;
    player.currentTime = ms / 1000;
    void player.play();
  };
  const mayHear = row.audioKept && can('audio.read', row.clientId);
  return (
    <Card title={t('said.title')}>
      {row.transcript ? (
        <section class="ix-quote ix-large" dir="auto" aria-label={t('said.title')} {...scrolls(row.transcript)}>
          {row.transcript}
        </section>
      ) : (
        <p class="hint">{t(row.textExpired ? 'list.expired' : 'list.nothing')}</p>
      )}
      {mayHear && url === null ? (
        <div class="actions">
          <Button onClick={() => void run()} isBusy={isBusy}>
            {t('audio.load')}
          </Button>
          <span class="hint">{t('audio.hint')}</span>
        </div>
      ) : null}
      {error ? <Failure error={error} /> : null}
      {url === null ? null : (
        // biome-ignore lint/a11y/useMediaCaption: the words below are its transcript, with times
        <audio
          ref={audio}
          controls
          src={url}
          aria-label={t('audio.label')}
          onTimeUpdate={(event) => setAtMs(event.currentTarget.currentTime * 1000)}
        />
      )}
      {row.words && row.words.words.length > 0 ? (
        <Words words={row.words.words} atMs={atMs} onPlay={url === null ? null : playFrom} />
      ) : null}
      {row.words?.confidence == null ? null : (
        <p class="hint">{t('said.confidence', { share: formatShare(row.words.confidence, 0) })}</p>
      )}
    </Card>
  );
}

/** A text too long for its box is scrolled by the keyboard too. */
function scrolls(text: string): { tabIndex?: number } {
  return text.length > 1500 ? { tabIndex: 0 } : {};
}

function Words({
  words,
  atMs,
  onPlay,
}: {
  words: readonly Word[];
  atMs: number | null;
  onPlay: ((ms: number) => void) | null;
}) {
  return (
    <>
      <h3>{t('said.words')}</h3>
      <p class="hint">
        {t('said.words.hint')} {onPlay ? t('said.words.play') : ''}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <ul class="ix-words" tabIndex={0} aria-label={t('said.words')}>
        {words.map((word, index) => {
          const isNow = atMs !== null && atMs >= word.startMs && atMs < word.endMs;
          const shown = (
            <>
              <span class={classOf(word)} aria-hidden={word.text === null}>
                {word.text ?? HIDDEN}
              </span>{' '}
              {word.text === null ? <span class="sr-only">{t('said.hidden')} </span> : null}
              <small>{secondsOf(word.startMs)}</small>
              {isDoubtful(word) ? (
                <span class="sr-only"> {t('said.doubt', { share: formatShare(word.confidence, 0) })}</span>
              ) : null}
            </>
          );
          return (
            <li key={index} class={isNow ? 'ix-now' : undefined}>
              {onPlay ? (
                <button type="button" class="ix-word" onClick={() => onPlay(word.startMs)}>
                  {shown}
                </button>
              ) : (
                <span class="ix-word">{shown}</span>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function isDoubtful({ text, confidence = 1 }: Word): boolean {
  return text !== null && confidence < DOUBTFUL_BELOW;
}

function classOf(word: Word): string | undefined {
  if (word.text === null) return 'ix-hidden-word';
  return isDoubtful(word) ? 'ix-doubt' : undefined;
}

function secondsOf(ms: number): string {
  return `${formatNumber(ms / 1000, 1)} s`;
}
