import type { Providers } from './app-providers.ts';
import type { Clock, Log } from './contracts/index.ts';
import { Enrolment } from './counter/enrolment.ts';
import { VoiceDesk } from './counter/voice-desk.ts';
import { loadSpeakerModels } from './counter/voice-models.ts';
import { VoiceProfiles } from './counter/voice-profiles.ts';
import { BlockPool } from './runtime/ring.ts';
import { SpeakerRunner } from './runtime/speaker-runner.ts';
import type { Store } from './store/index.ts';

/** What recognises voices, and takes them in; one per process. */
export interface AppVoices {
  desk: VoiceDesk;
  enrolment: Enrolment;
  /** Sound that a voice is looked for in. */
  pool: BlockPool;
  close(): Promise<void>;
}

/** Half an hour of speech at once: nobody's transcription depends on it, so it need not grow further. */
const POOL = { maxBytes: 64 * 1024 * 1024, spareBytes: 2 * 1024 * 1024 };

/** Ties voices to the store and to the configured speaker providers. */
export function openVoices(parts: {
  store: Pick<Store, 'db' | 'voices' | 'voiceChanges'>;
  providers: Pick<Providers, 'configuration' | 'instances' | 'health'>;
  clock: Clock;
  log: Log;
}): AppVoices {
  const { store, providers, clock, log } = parts;
  const { configuration, instances, health } = providers;
  const runner = new SpeakerRunner({ instances, health, clock });
  const profiles = new VoiceProfiles({
    read: (clientId) => store.voices.of(clientId),
    revisions: (clientIds) => store.voices.revisions(clientIds),
    isShared: store.db.kind === 'postgres',
    clock,
    log,
  });
  const onChange = (clientId: string) => profiles.changed(clientId);
  store.voiceChanges.on('changed', onChange);
  const notifications = store.voices.listen(onChange);
  return {
    desk: new VoiceDesk({ profiles, runner, models: loadSpeakerModels(), clock }),
    enrolment: new Enrolment({
      effective: (clientId) => configuration.for(clientId, null),
      runner,
      voices: store.voices,
    }),
    pool: new BlockPool(POOL),
    async close() {
      store.voiceChanges.off('changed', onChange);
      profiles.close();
      await notifications?.close();
    },
  };
}
