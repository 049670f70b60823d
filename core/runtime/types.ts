import type { Transcript } from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Attempt } from '../store/interaction.ts';

export type { Attempt };

/** One provider an utterance may be given to, in the order routing chose. */
export interface Candidate {
  /** `stt/acme` or `stt/acme:model`. */
  address: string;
  /** Index of the credential among the vendor's keys; the key itself never appears. */
  credential: number;
  /** Settings and keys as they were in force when it was chosen: a change reaches the next utterance, not this one. */
  provider: ConfiguredProvider;
}

/** Names a candidate's address and key, the same in every process and in every version of the configuration. */
export function candidateKey({ address, credential, provider }: Candidate): string {
  return `${address}#${provider.fingerprints[credential] ?? credential}`;
}

/** The address a candidate's key names. */
export function addressIn(key: string): string {
  return key.slice(0, key.lastIndexOf('#'));
}

/** Why these candidates, in this order: stored with the interaction as `decisao`. */
export interface Decision {
  /** Id of the rule that matched; `lista`, `lista-global` or `ambiente` where a list decided. */
  rule: string;
  /** Of the configuration. */
  version: number;
  /** The draft whose rules the counter was trying; absent: it tried none. */
  draft?: string;
  mode: 'segment' | 'stream';
  candidates: string[];
  /** Who was passed over, and why (pt-BR). */
  rejected: { address: string; reason: string }[];
  /** Little budget is left, and changed the order: by its own list of cheaper ones, or by price. */
  thrift?: 'lista' | 'preco';
  /** The next candidate may be started beside a slow one. */
  hedge?: boolean;
  /** Who else hears a share of these utterances (0 to 1), for comparison only. */
  shadow?: { address: string; share: number };
}

/** What an utterance turned out to be, as rules ask for it. */
export interface UtteranceFacts {
  durationMs: number;
  /** The part of it the VAD called speech; absent where that is not known. */
  speechMs?: number;
  /** dB; null where it could not be measured. */
  snrDb: number | null;
  /** `interacoes.audio_classification`; null where nothing was told apart. */
  class: string | null;
}

/** A decision with the candidates it names, in the order they are asked. */
export interface Routed {
  decision: Decision;
  candidates: Candidate[];
  /** Hears `decision.shadow.share` of these utterances, for comparison only. */
  shadow?: Candidate;
}

/** What a second provider made of an utterance that was answered: for comparison only. */
export interface ShadowHeard {
  attempt: Attempt;
  /** Null: it did not answer. */
  text: string | null;
  at: Date;
}

/** Who spoke, by the voices of a client's employees. */
export interface VoiceVerdict {
  /** Null: nobody was recognised. */
  employee: { id: number; name: string } | null;
  /** Everybody who was compared, the most alike first; `hint`: the measure proves nothing. */
  scores: { id: number; name: string; score: number; hint?: true }[];
}

/** A search for who spoke, beside the transcription. */
export interface VoiceFinding {
  /** Undefined while nobody knows yet; null: it could not be told. */
  readonly found: VoiceVerdict | null | undefined;
  /** Never rejects. */
  readonly done: Promise<VoiceVerdict | null>;
}

/** The sound of an utterance that is to be stored. */
export interface KeptSound {
  /** All of it, at 16 kHz, once; null: memory was needed for newer words. */
  take(): Int16Array | null;
}

/** How one utterance ended. `lost` is counted in `audio_lost_ms` and said; `no_provider` is not a loss. */
export interface SttOutcome {
  status: 'answered' | 'empty' | 'lost' | 'no_provider';
  transcript: Transcript | null;
  /** Candidate that answered. */
  address: string | null;
  /** Vendor id of that candidate: `modelo_stt`. */
  vendor: string | null;
  decision: Decision;
  attempts: Attempt[];
  /** Wall clock of the first request of the attempt that answered, and of its answer. */
  sentAt: Date | null;
  readyAt: Date | null;
  /** Monotonic ms of the same. */
  sentAtMs: number | null;
  readyAtMs: number | null;
  lostMs: number;
  /** Goes on from the utterance before it, of which it repeats no word though its sound does. */
  continues?: boolean;
  /** Of the attempts at the answer; a comparison is not among them. */
  costMicroUsd: number;
  /** Where a second provider is given it too: resolves when that has ended, null when it was given nothing. Never rejects. */
  shadow?: Promise<ShadowHeard | null>;
  /** Where somebody's voice could be recognised. */
  voice?: VoiceFinding;
  /** What it sounded like, where the client keeps voices. */
  sound?: KeptSound;
}
