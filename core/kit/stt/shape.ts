import Type, { type TSchema } from 'typebox';
import Value from 'typebox/value';
import type { Usage, Word } from '../../contracts/index.ts';
import { must } from '../check.ts';

const wordSchema = Type.Object({ text: Type.String({ minLength: 1 }), startMs: Type.Number(), endMs: Type.Number() });

const usageSchema = Type.Object({
  unit: Type.Enum(['second', 'character', 'token', 'request']),
  quantity: Type.Number({ minimum: 0 }),
  of: Type.Enum(['audio_in', 'audio_out', 'text_in', 'text_in_cached', 'text_out']),
  model: Type.String({ minLength: 1 }),
});

const transcriptSchema = Type.Object({
  text: Type.String(),
  language: Type.Optional(Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]+)*$' })),
  confidence: Type.Optional(Type.Number()),
  noSpeechProbability: Type.Optional(Type.Number()),
  words: Type.Optional(Type.Array(wordSchema)),
  speakerScope: Type.Optional(Type.Enum(['request', 'session'])),
  model: Type.String({ minLength: 1 }),
  requestId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  usage: Type.Optional(Type.Array(usageSchema)),
});

const eventSchemas = {
  partial: Type.Object({ text: Type.String() }),
  final: Type.Object({
    text: Type.String(),
    startMs: Type.Optional(Type.Number()),
    endMs: Type.Optional(Type.Number()),
    words: Type.Optional(Type.Array(wordSchema)),
  }),
  done: Type.Object({ marker: Type.Integer(), throughMs: Type.Optional(Type.Number()) }),
  usage: Type.Object({ usage: Type.Array(usageSchema) }),
};

/** Fails unless `value` is a transcript as the contract writes it; the field at fault is named, its value is not. */
export function mustBeTranscript(value: unknown): void {
  mustFit(transcriptSchema, value, 'transcript');
}

/** Fails unless `value` is a stream's event as the contract writes it. */
export function mustBeEvent(value: { type: string }): void {
  const schema = eventSchemas[value.type as keyof typeof eventSchemas];
  must(schema !== undefined, 'events partial, final, done and usage only');
  mustFit(schema, value, value.type);
}

/** Fails unless times do not go back and lie between 0 and the audio's end, with 50 ms for the vendor's rounding. */
export function mustBeInside(words: readonly Pick<Word, 'startMs' | 'endMs'>[], audioMs: number): void {
  let before = 0;
  for (const { startMs, endMs } of words) {
    must(startMs >= before, 'words start in the order they were said');
    must(endMs >= startMs, 'no word ends before it starts');
    must(endMs <= audioMs + 50, 'no word ends after the audio');
    before = startMs;
  }
}

export function mustBeShare(value: number | undefined, what: string): void {
  must(value === undefined || (value >= 0 && value <= 1), `${what} from 0 to 1`);
}

/** Fails unless the seconds billed are the audio's; other units must only say something. */
export function mustBill(usage: readonly Usage[], seconds: number): void {
  must(usage.length > 0, 'usage is reported');
  for (const each of usage) mustFit(usageSchema, each, 'usage');
  const billed = usage.filter((each) => each.unit === 'second').reduce((sum, each) => sum + each.quantity, 0);
  const isBySecond = usage.some((each) => each.unit === 'second');
  must(!isBySecond || Math.abs(billed - seconds) <= 0.1, `${seconds} s of audio, not ${billed}`);
  must(isBySecond || usage.some((each) => each.quantity > 0), 'usage is more than nothing');
}

function mustFit(schema: TSchema, value: unknown, what: string): void {
  if (Value.Check(schema, value)) return;
  const path = Value.Errors(schema, value)[0]?.instancePath.slice(1).replaceAll('/', '.');
  must(false, `${what}${path ? `.${path}` : ''} as the contract writes it`);
}
