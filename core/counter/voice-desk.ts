import { type Clock, CORE_SAMPLE_RATE_HZ } from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Effective } from '../routing/types.ts';
import { type SpeakerRunner, voiceModel } from '../runtime/speaker-runner.ts';
import type { Candidate, VoiceVerdict } from '../runtime/types.ts';
import type { EnrolledVoice } from '../store/employees-table.ts';
import { wallClock } from '../wall-clock.ts';
import type { CounterConfig } from './deps.ts';
import { isOnShift, matchVoice } from './voice-match.ts';
import { type SpeakerModels, thresholdsOf } from './voice-models.ts';
import type { VoiceProfiles } from './voice-profiles.ts';

export interface VoiceDeskOptions {
  profiles: Pick<VoiceProfiles, 'join'>;
  runner: Pick<SpeakerRunner, 'embed'>;
  models: SpeakerModels;
  clock: Clock;
}

/** One session's place at the desk. */
export interface VoiceSeat {
  /** Whether anybody's voice could be recognised, as far as is known: only then sound is kept for it. */
  isNeeded(): boolean;
  /** Who speaks in `pcm` (16 kHz), said at `at`. Null: it cannot be told. Never rejects. */
  identify(pcm: Int16Array, at: Date, signal: AbortSignal): Promise<VoiceVerdict | null>;
  leave(): void;
}

/** How long a voice is looked for; nobody waits for it. */
const IDENTIFY_MS = 3000;

/** Tells who speaks at a counter: by the voices of those of its client who are on shift, and may be compared. */
export class VoiceDesk {
  readonly #options: VoiceDeskOptions;

  constructor(options: VoiceDeskOptions) {
    this.#options = options;
  }

  /** A session begins: its client's voices are at hand until it leaves. */
  join(config: CounterConfig): VoiceSeat {
    const joined = this.#options.profiles.join(config.identity.clientId);
    return {
      isNeeded: () => {
        const voices = joined.voices();
        const effective = config.effective();
        return effective.configured.speaker.length > 0 && (voices === null || comparable(voices, effective).length > 0);
      },
      identify: (pcm, at, signal) => this.#identify(joined.voices() ?? [], config.effective(), { pcm, at, signal }),
      leave: () => joined.leave(),
    };
  }

  async #identify(
    voices: readonly EnrolledVoice[],
    effective: Effective,
    { pcm, at, signal }: { pcm: Int16Array; at: Date; signal: AbortSignal },
  ): Promise<VoiceVerdict | null> {
    const { runner, models } = this.#options;
    const wall = wallClock(effective.timeZone).at(at.getTime());
    const here = comparable(voices, effective).filter(({ shifts }) => isOnShift(shifts, wall));
    const durationMs = (pcm.length * 1000) / CORE_SAMPLE_RATE_HZ;
    const candidates = speakerCandidates(effective.configured.speaker).filter((candidate) => {
      const model = voiceModel(candidate);
      return (
        here.some((voice) => voice.model === model) && durationMs >= thresholdsOf(model, models, effective.voices).minMs
      );
    });
    if (candidates.length === 0) return null;
    const audio = { pcm, sampleRateHz: CORE_SAMPLE_RATE_HZ };
    const measured = await runner.embed(candidates, audio, { ms: IDENTIFY_MS, signal });
    if (!measured) return null;
    const { vector, model, isHint } = measured;
    const alike = here.filter((voice) => voice.model === model);
    return matchVoice(vector, alike, thresholdsOf(model, models, effective.voices), isHint);
  }
}

/** The usable ones of a list, in its order. */
export function speakerCandidates(configured: readonly ConfiguredProvider[]): Candidate[] {
  return configured
    .filter(({ missing }) => missing === null)
    .flatMap((provider) =>
      [...provider.credentials.keys()].map((credential) => ({ address: provider.address, credential, provider })),
    );
}

/** Whose voice may be compared: who agreed, or whose employer declares that all of them do. */
function comparable(voices: readonly EnrolledVoice[], { voices: settings }: Effective): EnrolledVoice[] {
  return voices.filter(
    ({ consent }) => consent === 'confirmado' || (consent === 'a_confirmar' && settings.consent !== undefined),
  );
}
