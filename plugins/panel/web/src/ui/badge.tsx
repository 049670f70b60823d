import type { ComponentChildren } from 'preact';
import type { Tone } from './feedback.tsx';

/** A state in a word or two. The word says it, the colour only helps. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
