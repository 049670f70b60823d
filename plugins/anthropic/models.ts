import type Anthropic from '@anthropic-ai/sdk';

/** Names the API answers with 404 (vendor's deprecations page and the SDK's list of models, 2026-11-20). */
const RETIRED_NAMES = [
  'claude-instant-1.2',
  'claude-2.0',
  'claude-2.1',
  'claude-3-haiku-20240307',
  'claude-3-sonnet-20240229',
  'claude-3-opus-20240229',
  'claude-3-opus-latest',
  'claude-3-5-haiku-20241022',
  'claude-3-5-haiku-latest',
  'claude-3-5-sonnet-20240620',
  'claude-3-5-sonnet-20241022',
  'claude-3-5-sonnet-latest',
  'claude-3-7-sonnet-20250219',
  'claude-3-7-sonnet-latest',
  'claude-sonnet-4-0',
  'claude-sonnet-4-20250514',
  'claude-opus-4-0',
  'claude-opus-4-20250514',
  'claude-opus-4-1',
  'claude-opus-4-1-20250805',
];

/** Retired name → the nearest current one. */
export const RETIRED: Readonly<Record<string, string>> = Object.fromEntries(
  RETIRED_NAMES.map((name) => [name, nearestTo(name)]),
);

/** The current model of the same size. */
export function nearestTo(model: string): string {
  if (/haiku|instant/.test(model)) return 'claude-haiku-5-5';
  return model.includes('opus') ? 'claude-opus-5-5' : 'claude-sonnet-5-5';
}

type Thinking = Pick<Anthropic.MessageCreateParams, 'thinking' | 'output_config'>;

/** How each family is kept from thinking: the parameter of one is refused by another. The first that matches holds. */
const WITHOUT_THINKING: readonly [RegExp, Thinking][] = [
  [/^claude-sonnet-5-5/, { thinking: { type: 'between_tools' } }],
  // These always think; the least is what can be asked for.
  [/^claude-(opus-5-5|fable-|mythos-)/, { output_config: { effort: 'low' } }],
  [/^claude-(haiku|sonnet|opus)-[45]/, { thinking: { type: 'disabled' } }],
];

/** The parameters that make `model` think as much as `effort` says; none for a model this list does not know. */
export function thinkingOf(model: string, effort: string): Thinking {
  if (effort === 'default') return {};
  if (effort === 'none') return WITHOUT_THINKING.find(([family]) => family.test(model))?.[1] ?? {};
  return {
    thinking: { type: 'adaptive' },
    output_config: { effort: effort as NonNullable<Anthropic.OutputConfig['effort']> },
  };
}
