import type { TtsEvent, TtsRequest, Usage } from '../../contracts/index.ts';
import { type Life, must, type Tier } from '../check.ts';
import { within } from '../proof.ts';
import {
  emulated,
  live,
  type Need,
  type RemoteCheck,
  type RemoteProof,
  type RemoteSuite,
  remoteCheck,
  stageOf,
  vendorOf,
} from '../remote/proof.ts';
import type { Stage } from '../stage.ts';
import type { TtsSubject } from './subject.ts';

export interface TtsProof extends RemoteProof<'tts'> {
  subject: TtsSubject;
}
export type TtsCheck = RemoteCheck<'tts'>;
export type TtsStage = Stage<'tts'>;
export { emulated, live, stageOf, vendorOf };

export const TEXT = 'Temos dipirona em gotas para dor de cabeça. A caixa custa dez reais, xkq sete.';

export const PORTUGUESE = /^pt(-BR)?$/i;

/** Bytes of one sample where all samples have as many. */
const SAMPLE_BYTES: Partial<Record<TtsRequest['encoding'], number>> = { pcm_s16le: 2, mulaw: 1, alaw: 1 };

export const pcm: Need<'tts'> = ({ capabilities }) =>
  capabilities.encodings.includes('pcm_s16le') ? null : 'gives no raw PCM';

/** What the shared checks need to know about voices. */
export const suite: RemoteSuite<'tts'> = {
  kind: 'tts',
  ways: [
    {
      id: 'speak',
      title: 'A text',
      needs: [],
      isJson: false,
      isRaw: true,
      // The stage knows no capabilities: the request that fits is made in `requestOf` and kept with the instance.
      ask: (stage, signal) => speakOn(stage, fitting.get(stage.instance) ?? plain, signal),
    },
  ],
  hidden: ['xkq'],
};

const plain: TtsRequest = { text: TEXT, voice: '', language: 'pt-BR', encoding: 'pcm_s16le', sampleRateHz: 24_000 };
const fitting = new WeakMap<object, TtsRequest>();

export const ttsCheck = (
  id: string,
  tier: Tier,
  title: string,
  needs: readonly Need<'tts'>[],
  run: (proof: TtsProof, life: Life) => Promise<void>,
): TtsCheck => remoteCheck<'tts'>(id, tier, title, needs, run as TtsCheck['run']);

/** What everybody is asked for: the first encoding and rate of the capabilities. */
export function requestOf({ capabilities }: RemoteProof<'tts'>, more: Partial<TtsRequest> = {}): TtsRequest {
  const { encodings, sampleRates, languages } = capabilities;
  const encoding = encodings.includes('pcm_s16le') ? 'pcm_s16le' : (encodings[0] ?? 'pcm_s16le');
  // A voice that speaks no Portuguese is proven in what it speaks.
  const language = languages.some((tag) => PORTUGUESE.test(tag)) ? plain.language : (languages[0] ?? plain.language);
  return { ...plain, language, encoding, sampleRateHz: sampleRates[0] ?? 24_000, ...more };
}

export interface Spoken {
  events: TtsEvent[];
  pieces: Uint8Array[];
  bytes: number;
  /** Of raw encodings; else undefined. */
  seconds: number | undefined;
  usage: Usage[];
}

/** Says it to the end. */
export async function speak(proof: TtsProof, stage: TtsStage, more: Partial<TtsRequest> = {}): Promise<Spoken> {
  const request = requestOf(proof, more);
  return spokenOf(request, await within(proof, speakOn(stage, request, live()), 'the speech ends'));
}

/** The same, on a stage of its own. */
export async function speech(proof: TtsProof, life: Life, more: Partial<TtsRequest> = {}): Promise<Spoken> {
  return speak(proof, await stageOf(proof, life), more);
}

export async function speakOn(stage: TtsStage, request: TtsRequest, signal: AbortSignal): Promise<TtsEvent[]> {
  const events: TtsEvent[] = [];
  for await (const event of stage.instance.synthesize(request, signal)) events.push(event);
  return events;
}

function spokenOf({ encoding, sampleRateHz }: TtsRequest, events: TtsEvent[]): Spoken {
  const pieces = events.flatMap((event) => (event.type === 'audio' ? [event.bytes] : []));
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const sample = SAMPLE_BYTES[encoding];
  const seconds = sample === undefined ? undefined : bytes / sample / sampleRateHz;
  return { events, pieces, bytes, seconds, usage: events.flatMap((e) => (e.type === 'usage' ? e.usage : [])) };
}

/** A text the vendor is asked for in a way that fits its capabilities, for checks that know none. */
export function fit(proof: RemoteProof<'tts'>): RemoteProof<'tts'> {
  const { provider } = proof.subject;
  const request = requestOf(proof);
  const create: typeof provider.create = async (...given) => {
    const instance = await provider.create(...given);
    fitting.set(instance, request);
    return instance;
  };
  return { ...proof, subject: { ...proof.subject, provider: { ...provider, create } } };
}

/** Everything readable that went to the vendor. */
export function sent(stage: TtsStage): string {
  const { requests } = vendorOf(stage);
  must(requests.length > 0, 'a request');
  return requests
    .map(({ path, query, headers, body }) =>
      [path, query.toString(), JSON.stringify(headers), body.toString('utf8')].join('\n'),
    )
    .join('\n');
}
