import type { TtsCapabilities, TtsRequest } from '../../contracts/index.ts';
import { isProviderError } from '../../contracts/index.ts';
import { type Life, must } from '../check.ts';
import { failureOf } from '../expect.ts';
import type { Need } from '../remote/proof.ts';
import {
  emulated,
  live,
  PORTUGUESE,
  pcm,
  requestOf,
  sent,
  speak,
  speakOn,
  speech,
  stageOf,
  TEXT,
  type TtsCheck,
  type TtsProof,
  ttsCheck,
} from './proof.ts';

const ENCODINGS: readonly TtsRequest['encoding'][] = ['pcm_s16le', 'mulaw', 'alaw', 'mp3', 'opus'];
/** Speech takes 30 to 120 ms a letter; emulators are quicker, and nobody is outside of this. */
const LETTER_MS = { least: 10, most: 400 };
const RATE_TOLERANCE = 0.15;
/** A rate nobody states. */
const ODD_RATE_HZ = 12_345;

/** What is heard. */
export const audioChecks: readonly TtsCheck[] = [
  ttsCheck('capabilities-valid', 'bronze', 'The capabilities hold together.', [], async ({ capabilities }) =>
    mustHoldTogether(capabilities),
  ),
  ttsCheck('audio-comes', 'bronze', 'A text gives audio, and no piece of it is empty.', [], async (proof, life) => {
    const { pieces } = await speech(proof, life);
    must(pieces.length > 0, 'audio');
    must(
      pieces.every((piece) => piece instanceof Uint8Array && piece.length > 0),
      'no empty piece',
    );
  }),
  ttsCheck('whole-samples', 'bronze', 'No piece of PCM ends within a sample.', [pcm], async (proof, life) => {
    const stage = await stageOf(proof, life, { fault: { kind: 'drip', everyMs: 0 } });
    const { pieces } = await speak({ ...proof, patienceMs: 15_000 }, stage, { text: 'a', encoding: 'pcm_s16le' });
    must(
      pieces.every((piece) => piece.length % 2 === 0),
      'whole samples',
    );
  }),
  ttsCheck(
    'duration-plausible',
    'silver',
    'The audio is about as long as the text takes to say.',
    [pcm],
    async (proof, life) => {
      const { seconds = 0 } = await speech(proof, life);
      const letterMs = (seconds * 1000) / TEXT.length;
      must(letterMs >= LETTER_MS.least && letterMs <= LETTER_MS.most, 'a plausible length');
    },
  ),
  ttsCheck(
    'longer-text-longer-audio',
    'silver',
    'Twice the text is half as much audio more, at least.',
    [],
    async (proof, life) => {
      const once = (await speech(proof, life)).bytes;
      const twice = (await speech(proof, life, { text: `${TEXT} ${TEXT}` })).bytes;
      must(twice > once * 1.5, 'more audio for more text');
    },
  ),
  ttsCheck(
    'rates-honoured',
    'silver',
    'Each stated rate gives the same speech, as long at each.',
    [pcm],
    async (proof, life) => {
      const lengths: number[] = [];
      for (const sampleRateHz of proof.capabilities.sampleRates) {
        const spoken = await tried(proof, life, { sampleRateHz, encoding: 'pcm_s16le' });
        if (spoken) lengths.push(spoken);
      }
      must(lengths.length > 0, 'PCM at one of the rates');
      must(Math.max(...lengths) / Math.min(...lengths) < 1 + RATE_TOLERANCE, 'the same length at each rate');
    },
  ),
  ttsCheck(
    'rates-accepted',
    'silver',
    'Each stated rate is taken, in one encoding at least.',
    [],
    async (proof, life) => {
      const { sampleRates, encodings } = proof.capabilities;
      for (const sampleRateHz of sampleRates) {
        const tries = await Promise.all(encodings.map((encoding) => tried(proof, life, { sampleRateHz, encoding })));
        must(
          tries.some((each) => each !== undefined),
          `${sampleRateHz} Hz`,
        );
      }
    },
  ),
  ttsCheck(
    'encodings-accepted',
    'silver',
    'Each stated encoding is taken, at one rate at least.',
    [],
    async (proof, life) => {
      const { sampleRates, encodings } = proof.capabilities;
      for (const encoding of encodings) {
        const tries = await Promise.all(
          sampleRates.map((sampleRateHz) => tried(proof, life, { sampleRateHz, encoding })),
        );
        must(
          tries.some((each) => each !== undefined),
          encoding,
        );
      }
    },
  ),
  refused('rate-refused', 'A rate that is not stated is refused, unsent.', () => ({ sampleRateHz: ODD_RATE_HZ })),
  refused('encoding-refused', 'An encoding that is not stated is refused, unsent.', ({ encodings }) => {
    const encoding = ENCODINGS.find((each) => !encodings.includes(each));
    return encoding ? { encoding } : undefined;
  }),
  refused('empty-text', 'A text of nothing is refused, unsent.', () => ({ text: ' ' })),
  refused('too-long-text', 'A text over the stated length is refused, unsent.', ({ maxChars }) => ({
    text: 'a'.repeat(maxChars + 1),
  })),
  ttsCheck('longest-text', 'gold', 'A text of the stated length is spoken.', [emulated], async (proof, life) => {
    const text = 'dor '.repeat(proof.capabilities.maxChars).slice(0, proof.capabilities.maxChars - 1);
    const patient = { ...proof, patienceMs: 15_000 };
    must((await speak(patient, await stageOf(proof, life), { text: `${text}a` })).bytes > 0, 'audio');
  }),
  ttsCheck('pieces-are-kept', 'gold', 'A piece stays as it was when the next one comes.', [], async (proof, life) => {
    const stage = await stageOf(proof, life);
    const pieces: { bytes: Uint8Array; said: string }[] = [];
    const text = `${TEXT} `.repeat(3);
    for await (const event of stage.instance.synthesize(requestOf(proof, { text }), live())) {
      if (event.type === 'audio')
        pieces.push({ bytes: event.bytes, said: Buffer.from(event.bytes).toString('latin1') });
    }
    must(
      pieces.every(({ bytes, said }) => Buffer.from(bytes).toString('latin1') === said),
      'each piece as it was told',
    );
  }),
  ttsCheck(
    'marks-in-order',
    'silver',
    'Marks, where there are any, come in order and within the audio.',
    [],
    async (proof, life) => {
      const { events, seconds = Number.POSITIVE_INFINITY } = await speech(proof, life);
      const starts = events.flatMap((event) => (event.type === 'mark' ? [event.startMs] : []));
      must(
        starts.every((at, i) => at >= (starts[i - 1] ?? 0) && at <= seconds * 1000),
        'marks in order, within the audio',
      );
    },
  ),
];

/** A request that must be refused as `unsupported`, `invalid_request` or `empty` before anything is sent. */
function refused(
  id: string,
  title: string,
  change: (capabilities: TtsCapabilities) => Partial<TtsRequest> | undefined,
): TtsCheck {
  const nothing = ({ capabilities }: { capabilities: TtsCapabilities }) =>
    change(capabilities) ? null : 'there is none that is not stated';
  return ttsCheck(id, 'silver', title, [nothing], async (proof, life) => {
    const stage = await stageOf(proof, life);
    const request = requestOf(proof, change(proof.capabilities));
    const { code } = await failureOf(proof, speakOn(stage, request, live()));
    must(['unsupported', 'invalid_request', 'empty'].includes(code), 'refused as unsupported or invalid_request');
    must(stage.calls === 0, 'nothing was sent');
  });
}

/** Length of the speech, or of its bytes where those say nothing of time; undefined when it is refused as unsupported. */
async function tried(proof: TtsProof, life: Life, more: Partial<TtsRequest>): Promise<number | undefined> {
  try {
    const { seconds, bytes } = await speech(proof, life, more);
    return seconds ?? bytes;
  } catch (error) {
    if (isProviderError(error) && (error.code === 'unsupported' || error.code === 'invalid_request')) return undefined;
    throw error;
  }
}

function mustHoldTogether(stated: TtsCapabilities): void {
  must(typeof stated.streaming === 'boolean', 'streaming true or false');
  must(stated.languages.length > 0 && stated.languages.every((tag) => /^[a-z]{2,3}(-|$)/i.test(tag)), 'languages');
  must(stated.encodings.length > 0 && stated.encodings.every((each) => ENCODINGS.includes(each)), 'encodings');
  must(stated.sampleRates.length > 0 && stated.sampleRates.every((rate) => rate >= 8000), 'sample rates, in Hz');
  must(Number.isInteger(stated.maxChars) && stated.maxChars > 0, 'maxChars from 1');
  must(typeof stated.region === 'string' && stated.region !== '', 'a region');
}

const portuguese: Need<'tts'> = ({ capabilities }) =>
  capabilities.languages.some((tag) => PORTUGUESE.test(tag)) ? null : 'speaks no Portuguese';

/** What the vendor was asked for. */
export const wireChecks: readonly TtsCheck[] = [
  ttsCheck('text-sent', 'bronze', 'The text reaches the vendor, accents and all.', [emulated], async (proof, life) => {
    const stage = await stageOf(proof, life);
    await speak(proof, stage);
    must(JSON.stringify(sent(stage)).includes('cabeça'), 'the text');
  }),
  ttsCheck('language-sent', 'silver', 'Portuguese is asked for.', [emulated, portuguese], async (proof, life) => {
    const stage = await stageOf(proof, life);
    await speak(proof, stage);
    must(/\bpt\b|portugu/i.test(sent(stage).replaceAll('_', '-')), 'pt, pt-BR or its name');
  }),
  ttsCheck(
    'voice-sent',
    'silver',
    'The voice that is asked for reaches the vendor.',
    [emulated, ({ subject }) => ((subject as TtsProof['subject']).voice ? null : 'the subject names no other voice')],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const voice = proof.subject.voice ?? '';
      await speak(proof, stage, { voice });
      must(sent(stage).includes(voice), 'the voice');
    },
  ),
  ttsCheck(
    'usage-characters',
    'bronze',
    'The characters of the text are reported, once, by model.',
    [],
    async (proof, life) => {
      const { events, usage } = await speech(proof, life);
      const characters = usage.filter(({ unit, of }) => unit === 'character' && of === 'text_in');
      const sum = characters.reduce((total, { quantity }) => total + quantity, 0);
      must(sum >= TEXT.length / 2 && sum <= TEXT.length * 2, 'the characters of the text');
      must(events.filter(({ type }) => type === 'usage').length === 1, 'one bill');
      must(
        usage.every(({ model }) => model !== ''),
        'by model',
      );
    },
  ),
  ttsCheck(
    'parallel-calls',
    'silver',
    'Texts spoken at the same time do not get mixed up.',
    [],
    async (proof, life) => {
      const stage = await stageOf(proof, life);
      const texts = ['Bom dia.', TEXT, `${TEXT} ${TEXT}`];
      const alone: number[] = [];
      for (const text of texts) alone.push((await speak(proof, stage, { text })).bytes);
      const together = await Promise.all(texts.map((text) => speak(proof, stage, { text })));
      must(
        together.every(({ bytes }, i) => Math.abs(bytes - (alone[i] as number)) <= (alone[i] as number) * 0.2),
        'to each its own audio',
      );
    },
  ),
];
