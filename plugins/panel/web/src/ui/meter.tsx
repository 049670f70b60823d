import { formatNumber } from '../lib/format.ts';
import { shell } from '../messages/shell.ts';
import './meter.css';

/** The quietest that is shown, in decibels of full scale. */
const QUIETEST_DB = -72;
/** From here on a microphone is about to clip. */
const HOT_DB = -3;

function place(db: number): string {
  return `${(100 * (Math.min(0, Math.max(QUIETEST_DB, db)) - QUIETEST_DB)) / -QUIETEST_DB}%`;
}

/** How loud it is, against the line that opens the ear and the noise of the room where they are known. */
export function Meter({
  label,
  db,
  thresholdDb = null,
  noiseDb = null,
}: {
  label: string;
  /** Null: nothing is heard of it. */
  db: number | null;
  thresholdDb?: number | null;
  noiseDb?: number | null;
}) {
  const level = db ?? QUIETEST_DB;
  const isLoud = thresholdDb !== null && level > thresholdDb;
  const tone = level > HOT_DB ? 'hot' : isLoud || thresholdDb === null ? 'loud' : '';
  const text = db === null ? '–' : shell('meter.value', { db: formatNumber(Math.round(db)) });
  return (
    <div class="meter">
      <div class="meter-head">
        <span>{label}</span>
        <span>{text}</span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: the element cannot show the line that opens the ear */}
      <div
        class="meter-track"
        role="meter"
        aria-label={label}
        aria-valuemin={QUIETEST_DB}
        aria-valuemax={0}
        aria-valuenow={Math.round(Math.max(QUIETEST_DB, level))}
        aria-valuetext={text}
      >
        <div class={`meter-fill ${tone}`} style={{ inlineSize: place(level) }} />
        {noiseDb === null ? null : <div class="meter-mark noise" style={{ insetInlineStart: place(noiseDb) }} />}
        {thresholdDb === null ? null : <div class="meter-mark" style={{ insetInlineStart: place(thresholdDb) }} />}
      </div>
    </div>
  );
}
