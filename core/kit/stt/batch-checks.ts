import type { SttOptions, Transcript } from '../../contracts/index.ts';
import { type Life, must } from '../check.ts';
import type { SeenRequest } from '../emulator/index.ts';
import { failureOf } from '../expect.ts';
import { pause, within } from '../proof.ts';
import type { Stage } from '../stage.ts';
import {
  batch,
  emulated,
  live,
  mustHear,
  optionsOf,
  type SttCheck,
  type SttProof,
  said,
  stageOf,
  sttCheck,
  vendorOf,
  wireText,
} from './proof.ts';
import { mustBeTranscript } from './shape.ts';
import type { Speech } from './subject.ts';

/** Transcribes `speech`, and fails when that takes longer than the kit's patience. */
export function transcribe(
  proof: SttProof,
  stage: Stage<'stt'>,
  speech: Speech,
  more: Partial<SttOptions> = {},
): Promise<Transcript> {
  return within(
    proof,
    stage.instance.transcribe(speech.audio, optionsOf(proof, more), live()),
    'the audio is answered',
  );
}

async function transcribed(proof: SttProof, life: Life, levels: readonly number[], more: Partial<SttOptions> = {}) {
  const stage = await stageOf(proof, life);
  const speech = said(proof, levels);
  return { stage, speech, transcript: await transcribe(proof, stage, speech, more) };
}

/** One whole utterance: the least a provider is good for. */
export const batchChecks: readonly SttCheck[] = [
  sttCheck('transcribe-text', 'bronze', 'Known audio becomes its text.', [batch], async (proof, life) => {
    const { speech, transcript } = await transcribed(proof, life, [1, 0, 2, 3]);
    mustHear(proof, transcript.text, speech.words);
  }),
  sttCheck(
    'transcribe-shape',
    'bronze',
    'The transcript is as the contract writes it.',
    [batch],
    async (proof, life) => {
      const { transcript } = await transcribed(proof, life, [1, 2]);
      mustBeTranscript(transcript);
    },
  ),
  sttCheck(
    'transcribe-silence',
    'bronze',
    'Silence is an answer: empty text, no error.',
    [batch],
    async (proof, life) => {
      const { transcript } = await transcribed(proof, life, [0, 0, 0]);
      must(transcript.text.trim() === '', 'an empty text');
    },
  ),
  sttCheck(
    'transcribe-once',
    'bronze',
    'One attempt: nothing that costs money is asked twice, not even when it succeeds.',
    [batch, emulated],
    async (proof, life) => {
      const { stage } = await transcribed(proof, life, [1]);
      await pause();
      const posts = vendorOf(stage).requests.filter((request) => request.method !== 'GET');
      const asked = posts.map((request) => `${request.method} ${request.path}`);
      must(new Set(asked).size === asked.length, 'no request is made twice');
    },
  ),
  sttCheck(
    'context-only',
    'bronze',
    'Every request goes through the context: no fetch and no socket of its own.',
    [batch, emulated],
    async (proof, life) => {
      const { stage } = await transcribed(proof, life, [1]);
      must(vendorOf(stage).requests.length === stage.calls, 'as many requests came as the context was asked for');
    },
  ),
  sttCheck(
    'transcribe-language',
    'silver',
    'Portuguese is asked for, explicitly.',
    [batch, emulated],
    async (proof, life) => {
      const { stage } = await transcribed(proof, life, [1]);
      must(vendorOf(stage).requests.some(asksForPortuguese), 'pt or pt-BR is on the wire');
    },
  ),
  sttCheck(
    'transcribe-view',
    'silver',
    'Audio that is a part of a larger buffer is sent as that part.',
    [batch],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const { audio, words } = said(proof, [1, 2]);
      const around = new Int16Array(audio.pcm.length + 3200).fill(900);
      around.set(audio.pcm, 1600);
      const pcm = around.subarray(1600, 1600 + audio.pcm.length);
      const transcript = await transcribe(proof, stage, { audio: { ...audio, pcm }, words });
      mustHear(proof, transcript.text, words);
    },
  ),
  sttCheck(
    'empty-audio',
    'silver',
    'No audio at all is answered with no text, or refused; it never hangs or crashes.',
    [batch],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const empty = { pcm: new Int16Array(0), sampleRateHz: proof.rate };
      const call = stage.instance.transcribe(empty, optionsOf(proof), live());
      const answered = await within(
        proof,
        call.then(
          (transcript) => transcript.text,
          () => undefined,
        ),
        'an answer',
      );
      if (answered === undefined) must(!(await failureOf(proof, call)).retryable, 'a refusal that is not tried again');
      else must(answered === '', 'an empty text');
    },
  ),
  sttCheck(
    'short-audio',
    'silver',
    '100 ms of audio (or the shortest it states) are answered.',
    [batch],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const ms = Math.max(100, proof.capabilities.minMs ?? 0);
      const audio = { pcm: new Int16Array((ms * proof.rate) / 1000), sampleRateHz: proof.rate };
      const transcript = await transcribe(proof, stage, { audio, words: [] });
      must(transcript.text.trim() === '', 'an empty text');
    },
  ),
  sttCheck(
    'wrong-sample-rate',
    'silver',
    'Audio at a rate it does not state is refused as our fault, before anything is sent, or converted; never garbled.',
    [batch, emulated],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const rate = [12_000, 22_050, 11_025].find((each) => !proof.capabilities.sampleRates.includes(each)) ?? 12_000;
      const { audio, words } = said({ ...proof, rate }, [1, 2]);
      const call = stage.instance.transcribe(audio, optionsOf(proof, { sampleRateHz: rate }), live());
      const text = await within(
        proof,
        call.then(
          (transcript) => transcript.text,
          () => undefined,
        ),
        'an answer',
      );
      if (text !== undefined) return mustHear(proof, text, words);
      const { code, blame } = await failureOf(proof, call);
      must(code === 'unsupported' || code === 'invalid_request', 'code unsupported');
      must(blame === 'core', 'blame core: the capabilities said which rates');
      must(vendorOf(stage).requests.length === 0, 'nothing was sent');
    },
  ),
];

/** Whether Portuguese can be read in what a request carried. */
export function asksForPortuguese(request: SeenRequest): boolean {
  return /(^|[^a-z])(pt|por|portuguese)([-_]?br)?([^a-z]|$)/im.test(wireText(request));
}
