import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { can, canEverywhere, chosenClient, clientName, clients, me, oneClient } from '../../lib/session.ts';
import { shell } from '../../messages/shell.ts';
import { start as t } from '../../messages/start.ts';
import { Badge } from '../../ui/badge.tsx';
import { Empty, Load, Notice, type Tone } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';
import type { Chosen } from '../providers/types.ts';
import { VirtualCounter } from '../virtual/counter.tsx';
import { ClientStep } from './client-step.tsx';
import { CounterStep } from './counter-step.tsx';
import { Home } from './home.tsx';
import { KeyStep } from './key-step.tsx';
import { isRunning, type Progress, STEPS, type Step, type StepState, stepStates } from './steps.ts';
import './start.css';

interface House extends Progress {
  clientId: string | null;
  hears: string[];
}

const TONES: Record<StepState, Tone> = { done: 'good', now: 'info', later: 'plain', skipped: 'plain' };

export default function StartPage() {
  // Of several clients the first one tells whether the house runs.
  const clientId = oneClient.value ?? clients.value[0]?.id ?? null;
  const [isCounterSkipped, skipCounter] = useState(false);
  const [spokeNow, setSpokeNow] = useState(false);
  const house = useLoad(`start ${chosenClient.value} ${clientId}`, (signal) => readHouse(clientId, signal));
  const mayStart = clientId === null ? canEverywhere('clients.write') : can('secrets.write', clientId);
  const known = house.data;
  const progress = known && { ...known, isCounterSkipped };
  const isNew = progress !== undefined && (spokeNow || !isRunning(progress));
  return (
    <Page title={shell('page.start')} lead={isNew ? t('lead.new') : t('lead.running')}>
      <Load of={house} lines={6}>
        {(found) => {
          const now = { ...found, isCounterSkipped, wasHeard: found.wasHeard || spokeNow };
          if (isRunning(now) && !spokeNow) return <Home clientId={chosenClient.value} />;
          if (!mayStart) {
            return (
              <Empty title={t('wait.title')}>
                <p>{t('wait.text')}</p>
              </Empty>
            );
          }
          const states = stepStates(now);
          return (
            <>
              <ol class="steps" aria-label={t('steps.label')}>
                {STEPS.map((step, index) => (
                  <StepItem key={step} step={step} number={index + 1} state={states[step]} said={saidOf(step, now)}>
                    {step === 'client' ? (
                      <ClientStep />
                    ) : step === 'key' && now.clientId ? (
                      <KeyStep clientId={now.clientId} onDone={house.reload} />
                    ) : step === 'counter' && now.clientId ? (
                      <CounterStep clientId={now.clientId} onPaired={house.reload} onSkip={() => skipCounter(true)} />
                    ) : step === 'speak' && now.clientId ? (
                      <>
                        <p>{t('speak.text')}</p>
                        <VirtualCounter clientId={now.clientId} onCard={() => setSpokeNow(true)} />
                      </>
                    ) : null}
                  </StepItem>
                ))}
              </ol>
              {spokeNow ? (
                <Notice tone="good" title={t('ready.title')}>
                  <p>{t('ready.text')}</p>
                </Notice>
              ) : null}
            </>
          );
        }}
      </Load>
    </Page>
  );
}

function StepItem({
  step,
  number,
  state,
  said,
  children,
}: {
  step: Step;
  number: number;
  state: StepState;
  said: string;
  children: ComponentChildren;
}) {
  // What was said stays on the screen when it has led to a card.
  const [isOpen, setOpen] = useState(false);
  if (state === 'now' && !isOpen) setOpen(true);
  const isShown = state === 'now' || (step === 'speak' && isOpen);
  return (
    <li class={`step ${state}`} aria-current={state === 'now' ? 'step' : undefined}>
      <div class="step-head">
        <span class="step-number" aria-hidden="true">
          {number}
        </span>
        <h2>{t(`step.${step}`)}</h2>
        <Badge tone={TONES[state]}>{t(`steps.state.${state}`)}</Badge>
        {state === 'done' || state === 'skipped' ? <span class="step-said">{said}</span> : null}
      </div>
      {isShown ? <div class="step-body">{children}</div> : null}
    </li>
  );
}

function saidOf(step: Step, { clientId, hears, counters }: House): string {
  if (step === 'owner') return t('owner.done', { name: me.value?.name ?? '' });
  if (step === 'client') return t('client.done', { name: clientName(clientId) });
  if (step === 'key') return t('key.done', { list: hears.join(', ') });
  if (step === 'counter') return counters > 0 ? t('counter.done', { n: counters }) : t('counter.skipped');
  return t('speak.done');
}

async function readHouse(clientId: string | null, signal: AbortSignal): Promise<House> {
  const nothing = { clientId, canHear: false, counters: 0, isCounterSkipped: false, wasHeard: false, hears: [] };
  if (clientId === null) return { ...nothing, hasClient: false };
  const url = `/api/v1/clients/${clientId}`;
  const [stt, counters, heard] = await Promise.all([
    get<Chosen>(`${url}/providers/stt`, undefined, signal),
    get<{ items: unknown[] }>(`${url}/counters`, { limit: 100 }, signal),
    can('interactions.read', clientId)
      ? get<{ items: unknown[] }>('/api/v1/interactions', { clientId, limit: 1 }, signal)
      : { items: [] },
  ]);
  const usable = stt.use.filter((each) => each.usable);
  return {
    ...nothing,
    hasClient: true,
    canHear: usable.length > 0,
    hears: usable.map(({ title }) => title),
    counters: counters.items.length,
    wasHeard: heard.items.length > 0,
  };
}
