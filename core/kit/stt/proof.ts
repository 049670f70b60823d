import type { Audio, SttCapabilities, SttOptions, SttStream } from '../../contracts/index.ts';
import { type Check, type Life, must, type Tier } from '../check.ts';
import { type SeenRequest, wordListening } from '../emulator/index.ts';
import { type Proof, withoutEmulator } from '../proof.ts';
import { type Stage, type StageSetting, setStage } from '../stage.ts';
import { StreamReader } from './reader.ts';
import type { Speech, SttSubject } from './subject.ts';

/** One run of the STT suite. */
export interface SttProof extends Proof<SttSubject> {
  capabilities: SttCapabilities;
  /** Rate of the audio that is given, in Hz: the core's where the provider takes it. */
  rate: number;
}

export type SttCheck = Check<SttProof>;
type Need = (proof: SttProof) => string | null;

export const emulated: Need = (proof) => withoutEmulator(proof);
export const streaming: Need = ({ capabilities }) => (capabilities.streaming ? null : 'does not stream');
export const batch: Need = ({ subject }) => (subject.streamOnly ? 'the model only streams' : null);
export const words: Need = ({ capabilities }) => (capabilities.words ? null : 'gives no words');
export const markers: Need = ({ capabilities }) =>
  capabilities.finalize === 'none' ? 'finalize none: one stream per utterance, its close is the done' : null;

/** A check, written short; `needs` are what it needs of the provider, the first that is missing exempts. */
export function sttCheck(
  id: string,
  tier: Tier,
  title: string,
  needs: readonly Need[],
  run: (proof: SttProof, life: Life) => Promise<void>,
): SttCheck {
  const exempt = (proof: SttProof) => needs.map((need) => need(proof)).find((reason) => reason !== null) ?? null;
  return { id, title, tier, exempt, run };
}

/** Portuguese as it is asked for in every check. */
export const optionsOf = (proof: SttProof, more: Partial<SttOptions> = {}): SttOptions => ({
  language: 'pt-BR',
  sampleRateHz: proof.rate,
  ...more,
});

export const live = (): AbortSignal => new AbortController().signal;

/** A fresh provider before a fresh vendor that hears the kit's words. */
export function stageOf(proof: SttProof, life: Life, given: StageSetting = {}): Promise<Stage<'stt'>> {
  return setStage(proof, life, { listening: wordListening }, given);
}

/** The emulator's side; checks that use it need {@link emulated}. */
export function vendorOf(stage: Stage<'stt'>): NonNullable<Stage<'stt'>['emulator']> {
  must(stage.emulator !== undefined, 'an emulator');
  return stage.emulator;
}

/**
 * Half a second per number: n is the word `pn`, 0 is silence. Where a provider really listens it is the subject's own
 * speech, whatever was asked for.
 */
export function said(proof: SttProof, levels: readonly number[]): Speech {
  const { subject, mode, rate } = proof;
  const isSilent = levels.every((level) => level === 0);
  if (mode !== 'emulator' && subject.speech && !isSilent) return subject.speech;
  const half = rate / 2;
  const pcm = new Int16Array(levels.length * half);
  for (const [index, level] of levels.entries()) pcm.fill(level * 100, index * half, (index + 1) * half);
  return { audio: { pcm, sampleRateHz: rate }, words: levels.filter((level) => level > 0).map((level) => `p${level}`) };
}

export const secondsOf = (audio: Audio): number => audio.pcm.length / audio.sampleRateHz;

/** Fails unless `text` is what was said: exactly with an emulator, seven words of ten where somebody really listens. */
export function mustHear(proof: SttProof, text: string, spoken: readonly string[]): void {
  const heard = plainWords(text);
  const wanted = plainWords(spoken.join(' '));
  if (proof.mode === 'emulator') {
    must(heard.join(' ') === wanted.join(' '), `the ${wanted.length} words that were said, each once and in order`);
    return;
  }
  must(common(heard, wanted) >= wanted.length * 0.7, 'seven of ten words that were said, in order');
}

/** A stream on a stage of its own, closed with the check. */
export async function streamOf(proof: SttProof, life: Life, given: StageSetting = {}, more: Partial<SttOptions> = {}) {
  const stage = await stageOf(proof, life, given);
  const aborter = new AbortController();
  life.defer(() => aborter.abort());
  const stream = await openOn(proof, stage, aborter.signal, more);
  return { stage, stream, aborter, reader: new StreamReader(proof, stream) };
}

/** Opens one more stream of the stage's instance. */
export async function openOn(
  proof: SttProof,
  stage: Stage<'stt'>,
  signal: AbortSignal = live(),
  more: Partial<SttOptions> = {},
): Promise<SttStream> {
  must(typeof stage.instance.open === 'function', 'streaming is stated, so open() is there');
  return stage.instance.open(optionsOf(proof, more), signal);
}

/** Gives audio as the core does: joined to what the capabilities ask. */
export function push(proof: SttProof, stream: SttStream, { audio }: Speech): void {
  const { min, max } = proof.capabilities.chunkMs;
  const size = Math.round((Math.min(Math.max(100, min), max) * audio.sampleRateHz) / 1000);
  for (let at = 0; at < audio.pcm.length; at += size) stream.push(audio.pcm.subarray(at, at + size));
}

/** Everything readable that a request carried. */
export function wireText(request: SeenRequest): string {
  const query = [...request.query].map(([name, value]) => `${name}=${value}`);
  return [request.path, ...query, request.body.toString('utf8'), ...request.messages].join('\n');
}

function plainWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Length of the longest common subsequence. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const next = [0];
    for (const [j, other] of b.entries()) {
      next.push(word === other ? (row[j] ?? 0) + 1 : Math.max(next[j] ?? 0, row[j + 1] ?? 0));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
