import { randomUUID } from 'node:crypto';
import type { VadSettings } from '../audio/settings.ts';
import { BaltoError } from '../contracts/index.ts';
import { cardMessage } from '../pharmacy/card.ts';
import type { Attempt, SttOutcome } from '../runtime/types.ts';
import type { SessionDeps, Transcriber } from './deps.ts';
import type { EarParts } from './ears.ts';
import { factsOf } from './facts.ts';
import { usageEntries } from './row.ts';
import { effectiveVad } from './settings.ts';
import { TextReader } from './text.ts';
import { type HeardSegment, hearRecording } from './trial-listening.ts';

/** What a trial is about: a client's configuration (`''`: what holds for everyone). */
export interface TrialFor {
  clientId: string;
  signal: AbortSignal;
}

/** What the model made of a text, after the gate; as `POST /api/test/analisar` answers. */
export interface TrialAnalysis {
  deve_sugerir: boolean;
  evidencias: { tipo: string; trecho: string }[];
  itens: { sugestao: string; explicacao: string; tag: string }[];
}

export interface TrialDeps {
  session: SessionDeps;
  /** Makes ready what a client is heard and read with, until `leave`. */
  prepare(clientId: string): Promise<{ vad: Partial<VadSettings>; parts: EarParts; leave(): void }>;
  /**
   * As a counter of the client would get it; with `address` by that provider alone.
   * @throws BALTO_TEST_PROVIDER where there is none, or it has no key.
   */
  transcriber(clientId: string, address: string | null): Transcriber;
}

/** Trials at once: each takes a share of the thread that hears customers. */
const MOST_AT_ONCE = 2;

/**
 * The steps of a counter's conversation one by one, on what an administrator sends: nothing is stored, no counter hears of
 * it. What vendors bill goes to the ledger, marked as a test.
 */
export class Trials {
  readonly #deps: TrialDeps;
  #underWay = 0;

  constructor(deps: TrialDeps) {
    this.#deps = deps;
  }

  /** Bytes → utterances. */
  segment(bytes: Buffer, about: TrialFor): Promise<HeardSegment[]> {
    return this.#inTurn(() => this.#hear(bytes, about));
  }

  /** Bytes → text. @param address whom to ask; null: whoever routing chooses. */
  transcribe(bytes: Buffer, address: string | null, about: TrialFor): Promise<string> {
    return this.#inTurn(async () => {
      const transcriber = this.#deps.transcriber(about.clientId, address);
      try {
        const segments = await this.#hear(bytes, about);
        return await this.#read(segments, transcriber, about);
      } finally {
        await transcriber.close();
      }
    });
  }

  /** Text, masked, → what would be suggested. @throws BALTO_TEST_NO_MODEL (503) where no model answered. */
  analyse(text: string, { clientId, signal }: TrialFor): Promise<TrialAnalysis> {
    return this.#inTurn(async () => {
      const { session } = this.#deps;
      const found = await session.recommend({ clientId, counterId: '', text, history: [], signal });
      await this.#bill(clientId, 'llm', found.attempts);
      if (found.source !== 'llm' && found.source !== 'simulado') {
        throw unavailable('BALTO_TEST_NO_MODEL', 'Nenhum modelo de linguagem está configurado, ou nenhum respondeu.');
      }
      const card = cardMessage(found, { interactionId: 0, baseText: '', protocol: 2 });
      const itens = (card?.['itens'] ?? []) as TrialAnalysis['itens'];
      const evidencias = found.evidence.map(({ type, quote }) => ({ tipo: type, trecho: quote }));
      return { deve_sugerir: itens.length > 0, evidencias, itens };
    });
  }

  async #hear(bytes: Buffer, { clientId }: TrialFor): Promise<HeardSegment[]> {
    const { session, prepare } = this.#deps;
    const { vad, parts, leave } = await prepare(clientId);
    try {
      return await hearRecording(session, bytes, { parts, settings: effectiveVad(session.environmentVad, vad) });
    } finally {
      leave();
    }
  }

  /** One after the other: a recording is no reason to take the places of counters. */
  async #read(segments: readonly HeardSegment[], transcriber: Transcriber, about: TrialFor): Promise<string> {
    const { session } = this.#deps;
    const reader = new TextReader(
      session.filters(about.clientId),
      session.options.simulated,
      session.masker(about.clientId),
    );
    const texts: string[] = [];
    for (const { utterance, pcm } of segments) {
      about.signal.throwIfAborted();
      const { feed } = transcriber.begin(utterance.segment);
      feed.push(pcm);
      const outcome = await feed.end(factsOf(utterance));
      await this.#bill(about.clientId, 'stt', outcome.attempts);
      requireAnswer(outcome);
      texts.push(reader.read(utterance, outcome).text);
    }
    return texts.filter((text) => text !== '').join(' ');
  }

  async #bill(clientId: string, kind: 'stt' | 'llm', attempts: readonly Attempt[]): Promise<void> {
    const { clock, prices, append } = this.#deps.session;
    const origin = { clientId, counterId: null };
    const entries = usageEntries(origin, null, kind, [...attempts], clock.date(), `teste:${randomUUID()}`, prices);
    if (entries.length === 0) return;
    await append({ type: 'usage', usage: entries.map((entry) => ({ ...entry, purpose: 'test' as const })) });
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#underWay >= MOST_AT_ONCE) {
      throw new BaltoError({
        code: 'BALTO_TEST_BUSY',
        message: 'Já há testes em curso; tente de novo em instantes.',
        statusCode: 429,
      });
    }
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
    }
  }
}

function requireAnswer({ status }: SttOutcome): void {
  if (status === 'no_provider') {
    throw unavailable('BALTO_TEST_NO_PROVIDER', 'Nenhum fornecedor de transcrição está configurado.');
  }
  if (status === 'lost') throw unavailable('BALTO_TEST_UNANSWERED', 'Nenhum fornecedor de transcrição respondeu.');
}

function unavailable(code: string, message: string): BaltoError {
  return new BaltoError({ code, message, statusCode: 503 });
}
