import { formatDuration } from '../lib/format.ts';
import { shell } from '../messages/shell.ts';

/** In the order they happen; as the server names them. */
const STAGES = ['decode', 'vad', 'hangOver', 'stt', 'context', 'llm', 'gate', 'sent'] as const;
/** While speech goes on: shown, not added. */
const DURING: ReadonlySet<string> = new Set(['decode', 'vad']);

/** Where an answer's milliseconds went: a bar of its stages, and the same in words. */
export function Waterfall({ stages }: { stages: Readonly<Partial<Record<string, number | null>>> }) {
  const known = STAGES.map((stage) => ({ stage, ms: Math.max(0, stages[stage] ?? 0) }));
  const after = known.filter(({ stage }) => !DURING.has(stage));
  const total = after.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <figure class="waterfall">
      <figcaption>{shell('waterfall.label', { total: formatDuration(total) })}</figcaption>
      <div class="waterfall-bar" aria-hidden="true">
        {after.map(({ stage, ms }) => (
          <span key={stage} class={`stage-${stage}`} style={{ flexGrow: String(total > 0 ? ms / total : 0) }} />
        ))}
      </div>
      <ul>
        {known.map(({ stage, ms }) => (
          <li key={stage} class={`stage-${stage}`}>
            {shell(`waterfall.${stage}`)} <b>{formatDuration(ms)}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
}
