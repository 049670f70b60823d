import { useState } from 'preact/hooks';
import { routes as t } from '../../messages/routes.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/feedback.tsx';
import { nameOf } from '../providers/names.ts';
import { moved } from '../providers/order.ts';
import type { HealthInfo, ProviderInfo } from '../providers/types.ts';
import { conditionsInWords } from './in-words.ts';
import { type Refused, RuleDialog } from './rule-dialog.tsx';
import { inOrder } from './rules.ts';
import type { Rule } from './types.ts';

const BLANK: Rule = { id: '', priority: 0, when: {}, use: [], mode: 'segment' };

/** The rules in the order in which they are asked; the first that holds decides. */
export function RuleList({
  rules,
  onRules,
  all,
  health,
  mayWrite,
  refused,
  onSeen,
}: {
  rules: readonly Rule[];
  onRules(rules: Rule[]): void;
  all: readonly ProviderInfo[];
  health: readonly HealthInfo[];
  mayWrite: boolean;
  /** What the server refused, by the rule's place. */
  refused: (Refused & { index: number }) | null;
  /** The refused rule was looked at. */
  onSeen(): void;
}) {
  const [editing, setEditing] = useState<number | null>(null);
  const open = editing ?? refused?.index ?? null;
  const change = (next: Rule[]) => onRules(inOrder(next));
  const close = () => {
    setEditing(null);
    onSeen();
  };
  return (
    <>
      {rules.length === 0 ? (
        <Empty title={t('rules.none')}>
          <p>{t('rules.none.text')}</p>
        </Empty>
      ) : null}
      <ol class="routes-rules" aria-label={t('rules.label')}>
        {rules.map((rule, at) => (
          <RuleItem
            key={rule.id}
            {...{ rule, at, all, mayWrite }}
            isLast={at === rules.length - 1}
            error={refused?.index === at ? refused.message : null}
            onEdit={() => setEditing(at)}
            onMove={(step) => change(moved(rules, at, step))}
            onToggle={() =>
              change(rules.map((each, place) => (place === at ? { ...each, enabled: each.enabled === false } : each)))
            }
            onRemove={() => change(rules.filter((_each, place) => place !== at))}
          />
        ))}
      </ol>
      {mayWrite ? (
        <p>
          <Button onClick={() => setEditing(rules.length)}>{t('rules.add')}</Button>
        </p>
      ) : null}
      {open === null ? null : (
        <RuleDialog
          key={open}
          rule={rules[open] ?? BLANK}
          taken={rules.flatMap(({ id }, at) => (at === open ? [] : [id]))}
          refused={refused?.index === open ? refused : null}
          {...{ all, health }}
          onDone={(rule) => {
            change(open < rules.length ? rules.map((each, at) => (at === open ? rule : each)) : [...rules, rule]);
            close();
          }}
          onClose={close}
        />
      )}
    </>
  );
}

function RuleItem(props: {
  rule: Rule;
  at: number;
  isLast: boolean;
  all: readonly ProviderInfo[];
  mayWrite: boolean;
  error: string | null;
  onEdit(): void;
  onMove(step: -1 | 1): void;
  onToggle(): void;
  onRemove(): void;
}) {
  const { rule, at, isLast, all, mayWrite, error, onEdit, onMove, onToggle, onRemove } = props;
  const name = rule.title ?? rule.id;
  const conditions = conditionsInWords(rule);
  const isOff = rule.enabled === false;
  return (
    <li class={isOff ? 'routes-off' : undefined}>
      <span class="providers-order-place" aria-hidden="true">
        {at + 1}
      </span>
      <div class="providers-order-what">
        <strong>{name}</strong>
        <p>
          {conditions.length === 0 ? t('is.always') : t('is.when', { list: conditions.join('; ') })}{' '}
          {t('is.use', { list: rule.use.map((address) => nameOf(all, address)).join(', ') || t('is.nobody') })}
        </p>
        {error ? <p class="field-error">{error}</p> : null}
      </div>
      <div class="providers-order-state">
        {isOff ? <Badge tone="warn">{t('rule.off')}</Badge> : null}
        <Badge>{t(`kind.${rule.kind ?? 'stt'}`)}</Badge>
        <Badge>{t(`mode.${rule.mode}`)}</Badge>
        {rule.hedge ? <Badge>{t('badge.hedge')}</Badge> : null}
        {rule.shadow ? <Badge>{t('badge.shadow')}</Badge> : null}
      </div>
      {mayWrite ? (
        <div class="providers-order-moves">
          <Button
            kind="quiet"
            isSmall
            disabled={at === 0}
            aria-label={t('rule.up', { name })}
            onClick={() => onMove(-1)}
          >
            <span aria-hidden="true">↑</span>
          </Button>
          <Button
            kind="quiet"
            isSmall
            disabled={isLast}
            aria-label={t('rule.down', { name })}
            onClick={() => onMove(1)}
          >
            <span aria-hidden="true">↓</span>
          </Button>
          <Button kind="quiet" isSmall aria-label={t('rule.edit', { name })} onClick={onEdit}>
            {t('rule.change')}
          </Button>
          <Button
            kind="quiet"
            isSmall
            aria-label={t(isOff ? 'rule.turnOn' : 'rule.turnOff', { name })}
            onClick={onToggle}
          >
            {t(isOff ? 'rule.on' : 'rule.offButton')}
          </Button>
          <Button kind="quiet" isSmall aria-label={t('rule.remove', { name })} onClick={onRemove}>
            <span aria-hidden="true">×</span>
          </Button>
        </div>
      ) : null}
    </li>
  );
}
