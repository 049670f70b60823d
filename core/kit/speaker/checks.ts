import { type Audio, isProviderError, type ProviderError, type Speaker } from '../../contracts/index.ts';
import { type Check, KitFailure, must } from '../check.ts';
import { MEANS, mustMean } from '../expect.ts';
import { keptBy } from '../local/memory.ts';
import { localWorld, openLocal } from '../local/world.ts';
import { capabilitiesOf, clipOf, likeness, openSpeaker, type SpeakerSubject, voicesOf } from './subject.ts';

/** Two vectors of the same clip differ by rounding only. */
const SAME = 0.9999;
/** −12 dB: the same person a step further away. */
const QUIET = 0.25;
const QUIET_LIKENESS = 0.9;
const TOLD_APART = 0.8;
const LONG_SECONDS = 30;
const CALLS = 200;
const KEPT_BYTES = 4 * 1024 * 1024;
/** CPU time over the length of the audio. */
const CPU_SHARE = 0.5;

/** The least a provider of voice vectors must do, and what the core counts on. */
export const speakerChecks: readonly Check<SpeakerSubject>[] = [
  {
    id: 'capabilities-valid',
    title: 'The capabilities hold together.',
    tier: 'bronze',
    async run(subject) {
      const { dimensions, minMs } = capabilitiesOf(subject);
      must(Number.isInteger(dimensions) && dimensions > 0, 'dimensions from 1');
      must(minMs >= 0 && minMs <= 1500, 'minMs up to 1.5 s: customers speak no longer');
    },
  },
  {
    id: 'vector-length',
    title: 'A vector is a Float32Array with the dimensions the instance states.',
    tier: 'bronze',
    async run(subject, life) {
      const speaker = await openSpeaker(subject, life);
      const vector = await embed(speaker, clipOf(subject));
      must(vector instanceof Float32Array, 'a Float32Array');
      must(vector.length > 0 && vector.length === speaker.dimensions, 'of the stated length');
    },
  },
  {
    id: 'finite-numbers',
    title: 'All numbers are finite, and not all of them zero.',
    tier: 'bronze',
    async run(subject, life) {
      const vector = await embed(await openSpeaker(subject, life), clipOf(subject));
      must(vector.every(Number.isFinite), 'finite numbers');
      must(vector.some(Boolean), 'not all zero');
    },
  },
  {
    id: 'same-voice-closer',
    title: 'Clips of one person are closer to each other than to another’s, on the whole.',
    tier: 'bronze',
    async run(subject, life) {
      const { same, other } = await compared(subject, await openSpeaker(subject, life));
      must(mean(same) > mean(other), 'the same voice closer than another');
    },
  },
  {
    id: 'same-clip-same-vector',
    title: 'The same clip has the same vector.',
    tier: 'silver',
    async run(subject, life) {
      const speaker = await openSpeaker(subject, life);
      const clip = clipOf(subject);
      must(likeness(await embed(speaker, clip), await embed(speaker, clip)) > SAME, 'the same vector');
    },
  },
  {
    id: 'short-audio-refused',
    title: 'A clip shorter than stated is refused, as the caller’s or as unsupported.',
    tier: 'silver',
    exempt: (subject) => (capabilitiesOf(subject).minMs > 0 ? null : 'states no shortest clip'),
    async run(subject, life) {
      const { minMs } = capabilitiesOf(subject);
      const { code } = await failure(embed(await openSpeaker(subject, life), cut(clipOf(subject), minMs / 2)));
      must(['empty', 'invalid_request', 'unsupported'].includes(code), 'code empty');
    },
  },
  {
    id: 'shortest-audio-taken',
    title: 'A clip as short as stated is taken.',
    tier: 'silver',
    async run(subject, life) {
      const { minMs } = capabilitiesOf(subject);
      const speaker = await openSpeaker(subject, life);
      const vector = await embed(speaker, cut(clipOf(subject), Math.max(minMs, 100) + 1));
      must(vector.length > 0, 'a vector');
    },
  },
  {
    id: 'audio-is-kept',
    title: 'The clip is left as it is.',
    tier: 'silver',
    async run(subject, life) {
      const clip = clipOf(subject);
      const given = { ...clip, pcm: clip.pcm.slice() };
      await embed(await openSpeaker(subject, life), given);
      must(
        given.pcm.length === clip.pcm.length && given.pcm.every((value, i) => value === clip.pcm[i]),
        'the same clip as before',
      );
    },
  },
  {
    id: 'parallel-calls',
    title: 'Clips given at the same time do not get mixed up.',
    tier: 'silver',
    async run(subject, life) {
      const speaker = await openSpeaker(subject, life);
      const clips = voicesOf(subject).map((voice) => voice[0] as Audio);
      const alone: Float32Array[] = [];
      for (const clip of clips) alone.push(await embed(speaker, clip));
      const together = await Promise.all(clips.map((clip) => embed(speaker, clip)));
      must(
        together.every((vector, i) => likeness(vector, alone[i] as Float32Array) > SAME),
        'to each its own vector',
      );
    },
  },
  {
    id: 'abort-before',
    title: 'An abort before the call rejects, code aborted.',
    tier: 'silver',
    async run(subject, life) {
      const speaker = await openSpeaker(subject, life);
      mustMean(await failure(speaker.embed(clipOf(subject), AbortSignal.abort())), MEANS.aborted);
    },
  },
  {
    id: 'instances-independent',
    title: 'Two instances live side by side; closing one leaves the other as it is.',
    tier: 'silver',
    async run(subject, life) {
      const first = await openSpeaker(subject, life);
      const second = await openLocal(subject, life);
      const clip = clipOf(subject);
      const alone = await embed(first, clip);
      await second.close?.();
      must(likeness(alone, await embed(first, clip)) > SAME, 'the same after the other closed');
    },
  },
  {
    id: 'instance-close',
    title: 'close() of the instance, where there is one, resolves, twice.',
    tier: 'silver',
    async run(subject, life) {
      const speaker = await openSpeaker(subject, life);
      await speaker.close?.();
      await speaker.close?.();
    },
  },
  {
    id: 'log-is-quiet',
    title: 'A clip writes no log: a voice’s vector is biometric data.',
    tier: 'silver',
    async run(subject, life) {
      const { ctx, lines } = localWorld(life);
      const speaker = await subject.provider.create({}, subject.settings ?? {}, ctx);
      life.defer(() => speaker.close?.());
      const before = lines.length;
      await embed(speaker, clipOf(subject));
      must(lines.length === before, 'no line');
    },
  },
  {
    id: 'voices-told-apart',
    title: `Of ten clips, eight are closest to one of the same person.`,
    tier: 'gold',
    async run(subject, life) {
      const { nearest } = await compared(subject, await openSpeaker(subject, life));
      must(mean(nearest.map(Number)) >= TOLD_APART, `${TOLD_APART * 100} % of the clips`);
    },
  },
  {
    id: 'level-does-not-matter',
    title: 'A voice 12 dB lower is the same voice.',
    tier: 'gold',
    async run(subject, life) {
      const speaker = await openSpeaker(subject, life);
      const clip = clipOf(subject);
      const quiet = { ...clip, pcm: clip.pcm.map((value) => value * QUIET) };
      must(
        likeness(await embed(speaker, clip), await embed(speaker, quiet)) > QUIET_LIKENESS,
        'nearly the same vector',
      );
    },
  },
  {
    id: 'long-audio-taken',
    title: `A clip of ${LONG_SECONDS} s is taken.`,
    tier: 'gold',
    async run(subject, life) {
      const { pcm, sampleRateHz } = clipOf(subject);
      const long = new Int16Array(LONG_SECONDS * sampleRateHz).map((_, i) => pcm[i % pcm.length] as number);
      must((await embed(await openSpeaker(subject, life), { pcm: long, sampleRateHz })).length > 0, 'a vector');
    },
  },
  {
    id: 'memory-flat',
    title: `${CALLS} clips leave no memory behind.`,
    tier: 'platinum',
    async run(subject, life) {
      const speaker = await openSpeaker(subject, life);
      const clip = cut(clipOf(subject), Math.max(capabilitiesOf(subject).minMs, 100) + 1);
      const kept = await keptBy(CALLS, async (calls) => {
        for (let i = 0; i < calls && !life.signal.aborted; i++) await embed(speaker, clip);
      });
      must(kept < KEPT_BYTES, `less than ${KEPT_BYTES} bytes more`);
    },
  },
  {
    id: 'cheap-enough',
    title: 'A clip holds this process for less than half of its own length.',
    tier: 'platinum',
    async run(subject, life) {
      const speaker = await openSpeaker(subject, life);
      const clip = clipOf(subject);
      await embed(speaker, clip);
      const before = process.cpuUsage();
      await embed(speaker, clip);
      const { user, system } = process.cpuUsage(before);
      must(
        user + system < (clip.pcm.length / clip.sampleRateHz) * 1_000_000 * CPU_SHARE,
        'less than half of its length',
      );
    },
  },
];

function embed(speaker: Speaker, audio: Audio): Promise<Float32Array> {
  return speaker.embed(audio, new AbortController().signal);
}

async function failure(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) throw new KitFailure('the call fails');
  must(isProviderError(error), 'a ProviderError');
  return error;
}

function cut(audio: Audio, ms: number): Audio {
  return { ...audio, pcm: audio.pcm.slice(0, Math.round((ms * audio.sampleRateHz) / 1000)) };
}

/** Likeness of all pairs, by whether it is one person's; and of each clip, whether the closest one is the same person's. */
async function compared(subject: SpeakerSubject, speaker: Speaker) {
  const clips: { person: number; vector: Float32Array }[] = [];
  for (const [person, voice] of voicesOf(subject).entries()) {
    for (const audio of voice) clips.push({ person, vector: await embed(speaker, audio) });
  }
  const same: number[] = [];
  const other: number[] = [];
  const nearest = clips.map((clip) => {
    const others = clips.filter((each) => each !== clip);
    const closest = others.map((each) => ({
      isSame: each.person === clip.person,
      is: likeness(clip.vector, each.vector),
    }));
    for (const { isSame, is } of closest) (isSame ? same : other).push(is);
    return closest.reduce((best, each) => (each.is > best.is ? each : best)).isSame;
  });
  return { same, other, nearest };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
