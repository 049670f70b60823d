import { must } from '../check.ts';
import type { SeenRequest } from '../emulator/index.ts';
import { transcribe } from './batch-checks.ts';
import {
  batch,
  emulated,
  mustHear,
  type SttCheck,
  type SttProof,
  said,
  secondsOf,
  stageOf,
  streaming,
  streamOf,
  sttCheck,
  vendorOf,
  wireText,
  words,
} from './proof.ts';
import { mustBeInside, mustBeShare, mustBill } from './shape.ts';

const diarization = ({ capabilities }: SttProof) => (capabilities.diarization ? null : 'tells no speakers apart');
const keyterms = ({ capabilities }: SttProof) => (capabilities.keyterms ? null : 'takes no key terms');

/** What a transcript tells besides its text. */
export const detailChecks: readonly SttCheck[] = [
  sttCheck(
    'transcribe-usage',
    'silver',
    'Usage is reported: the seconds of the audio, or the tokens.',
    [batch],
    async (proof, life) => {
      const speech = said(proof, [1, 2, 3, 4]);
      const { usage } = await transcribe(proof, await stageOf(proof, life), speech);
      mustBill(usage ?? [], secondsOf(speech.audio));
    },
  ),
  sttCheck(
    'transcribe-request-id',
    'silver',
    'The vendor’s request id comes through, another for each request.',
    [batch],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const first = await transcribe(proof, stage, said(proof, [1]));
      const second = await transcribe(proof, stage, said(proof, [2]));
      must(first.requestId !== undefined && second.requestId !== undefined, 'a request id');
      must(first.requestId !== second.requestId, 'another id for another request');
    },
  ),
  sttCheck(
    'word-text',
    'gold',
    'The words are those of the text, in its order, without blanks.',
    [batch, words],
    async (proof, life) => {
      const speech = said(proof, [1, 0, 2, 3]);
      const transcript = await transcribe(proof, await stageOf(proof, life), speech, { words: true });
      const texts = (transcript.words ?? []).map((word) => word.text);
      must(
        texts.every((text) => text.trim() !== ''),
        'no blanks among the words',
      );
      mustHear(proof, texts.join(' '), speech.words);
    },
  ),
  sttCheck(
    'word-times',
    'gold',
    'Words’ times do not go back and lie inside the audio, in milliseconds.',
    [batch, words],
    async (proof, life) => {
      const speech = said(proof, [1, 0, 2, 3]);
      const transcript = await transcribe(proof, await stageOf(proof, life), speech, { words: true });
      const told = transcript.words ?? [];
      const audioMs = secondsOf(speech.audio) * 1000;
      must(told.length > 0, 'words');
      mustBeInside(told, audioMs);
      must((told.at(-1)?.endMs ?? 0) > audioMs * 0.5, 'times in milliseconds');
    },
  ),
  sttCheck('confidence-range', 'gold', 'Every confidence is from 0 to 1.', [batch], async (proof, life) => {
    const transcript = await transcribe(proof, await stageOf(proof, life), said(proof, [1, 2]), { words: true });
    mustBeShare(transcript.confidence, 'confidence');
    mustBeShare(transcript.noSpeechProbability, 'noSpeechProbability');
    for (const word of transcript.words ?? []) mustBeShare(word.confidence, 'confidence of a word');
  }),
  sttCheck(
    'speaker-labels',
    'gold',
    'Speaker labels come through when they are asked for, with their scope.',
    [batch, diarization, emulated],
    async (proof, life) => {
      const transcript = await transcribe(proof, await stageOf(proof, life), said(proof, [1, 2]), {
        diarize: true,
        words: true,
      });
      const labels = (transcript.words ?? []).map((word) => word.speaker);
      must(labels.length > 0 && labels.every((label) => label !== undefined), 'a speaker on each word');
      must(transcript.speakerScope !== undefined, 'speakerScope says where a label means the same person');
    },
  ),
  sttCheck('keyterms-sent', 'gold', 'Key terms reach the vendor.', [batch, keyterms, emulated], async (proof, life) => {
    const stage = await stageOf(proof, life);
    await transcribe(proof, stage, said(proof, [1]), { keyterms: ['Dipirona', 'Dorflex'] });
    const sent = vendorOf(stage).requests.map(wireText).join('\n');
    must(sent.includes('Dipirona') && sent.includes('Dorflex'), 'both terms are on the wire');
  }),
  sttCheck(
    'keyterms-limited',
    'gold',
    'Key terms beyond the stated limits do not reach the vendor: it would refuse the request.',
    [batch, keyterms, emulated],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      await transcribe(proof, stage, said(proof, [1]), { keyterms: tooMany(proof) });
      mustBeLimited(proof, vendorOf(stage).requests);
    },
  ),
  sttCheck(
    'stream-keyterms-limited',
    'gold',
    'The same for a stream: terms within the limits are sent, others are not.',
    [keyterms, streaming, emulated],
    async (proof, life) => {
      const { stage, stream } = await streamOf(proof, life, {}, { keyterms: tooMany(proof) });
      await stream.close();
      mustBeLimited(proof, vendorOf(stage).requests);
    },
  ),
];

function limits(proof: SttProof): { max: number; maxChars: number } {
  return proof.capabilities.keyterms ?? { max: 0, maxChars: 0 };
}

/** Two more than allowed, after one that is too long. */
function tooMany(proof: SttProof): string[] {
  const { max, maxChars } = limits(proof);
  const count = Math.min(max + 2, 1200);
  return ['x'.repeat(maxChars + 1), ...Array.from({ length: count }, (_, index) => `termo${index}z`)];
}

function mustBeLimited(proof: SttProof, requests: readonly SeenRequest[]): void {
  const { max, maxChars } = limits(proof);
  const sent = requests.map(wireText).join('\n');
  const terms = new Set(sent.match(/termo\d+z/g));
  must(terms.size > 0, 'terms within the limits are sent');
  must(terms.size <= max, `at most ${max} terms`);
  must(!sent.includes('x'.repeat(maxChars + 1)), `no term of more than ${maxChars} characters`);
}
