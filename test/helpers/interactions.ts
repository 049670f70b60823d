import { randomUUID } from 'node:crypto';
import type { Interaction, Shadow, UsageEntry } from '../../core/store/interaction.ts';
import { INTERACTION_COLUMNS } from '../../core/store/interactions-table.ts';

/** An interaction with the fields that must be there; every other one is null. */
export function interaction(fields: Partial<Interaction> & Pick<Interaction, 'id'>): Interaction {
  const empty = Object.fromEntries(Object.keys(INTERACTION_COLUMNS).map((name) => [name, null]));
  const sessionId = randomUUID();
  return {
    ...(empty as unknown as Interaction),
    clientId: 'client',
    counterId: 'counter',
    sessionId,
    segment: 1,
    idempotencyKey: `${sessionId}:1`,
    timestamp: new Date('2026-11-21T12:00:00.000Z'),
    interactionType: 'valid',
    ...fields,
  };
}

export function usage(fields: Partial<UsageEntry> = {}): UsageEntry {
  return {
    idempotencyKey: randomUUID(),
    clientId: 'client',
    counterId: 'counter',
    interactionId: null,
    at: new Date('2026-11-21T12:00:00.000Z'),
    kind: 'stt',
    provider: 'acme',
    model: 'one',
    unit: 'second',
    of: 'audio_in',
    quantity: 3.5,
    costMicroUsd: 21,
    priceVersion: '2026-11-01',
    purpose: 'answer',
    mode: 'batch',
    channels: null,
    ...fields,
  };
}

export function shadow(fields: Partial<Shadow> = {}): Shadow {
  return {
    idempotencyKey: randomUUID(),
    clientId: 'client',
    at: new Date('2026-11-21T12:00:04.000Z'),
    answer: { provider: 'stt/acme', text: 'estou com tosse' },
    provider: 'stt/outra',
    model: 'dois',
    outcome: 'answered',
    text: 'estou com a tosse',
    errorCode: null,
    durationMs: 800,
    costMicroUsd: 30,
    ...fields,
  };
}
