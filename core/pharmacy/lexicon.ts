import { type Static, Type } from 'typebox';
import { parseData } from './parse.ts';

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const phrases = Type.Array(text(120), { maxItems: 200 });

const LexiconSchema = Type.Object(
  {
    version: text(40),
    needs: Type.Array(
      Type.Object(
        {
          /** Canonical name: the word catalogue items carry in `indicacoes`. */
          name: text(80),
          kind: Type.Enum(['MED', 'SINT', 'DOENCA']),
          tag: text(60),
          /** How people say it. */
          forms: phrases,
          /** A situation that only hints at it: weak context. */
          hints: Type.Optional(phrases),
          /** In a sentence that holds one of these it is not meant. */
          unless: Type.Optional(phrases),
        },
        { additionalProperties: false },
      ),
      { maxItems: 1000 },
    ),
    /** Companions of catalogue items that are situations, not things: weak context. */
    situations: phrases,
    /** Talk that triggers nothing, sentence by sentence: prices, paying, how to take something. */
    intents: Type.Array(Type.Object({ id: text(40), phrases }, { additionalProperties: false }), { maxItems: 50 }),
    /**
     * A question that holds none of `words` asks about a symptom; it does not complain of one. `starts`: how one begins
     * that came without its mark; `statements`: what no such question holds; `yes`: how an answer begins that makes it a complaint.
     */
    questions: Type.Object(
      { words: phrases, starts: phrases, statements: phrases, yes: phrases },
      { additionalProperties: false },
    ),
    negations: Type.Object({ before: phrases, after: phrases }, { additionalProperties: false }),
    /** Explanations of the catalogue's own ranking; `{motivo}` is a need or companion of our own data, never spoken text. */
    templates: Type.Object(
      {
        need: text(180),
        needMedicine: text(180),
        companion: text(180),
        companionMedicine: text(180),
        plain: text(180),
        plainMedicine: text(180),
      },
      { additionalProperties: false },
    ),
    limits: Type.Object(
      {
        /** Score below which nothing is suggested, and from which confidence is `alta` or `media`; 0 to 1. */
        minScore: Type.Number({ minimum: 0, maximum: 1 }),
        alta: Type.Number({ minimum: 0, maximum: 1 }),
        media: Type.Number({ minimum: 0, maximum: 1 }),
        maxItems: Type.Integer({ minimum: 1, maximum: 3 }),
        /** Items where nothing but something bought or named speaks for them, and where nothing but weak context does. */
        companionItems: Type.Integer({ minimum: 1, maximum: 3 }),
        weakItems: Type.Integer({ minimum: 1, maximum: 2 }),
      },
      { additionalProperties: false },
    ),
    /** Where all needs spoken of are among `needs`, at most `items` are suggested. */
    caps: Type.Array(
      Type.Object(
        { id: text(40), needs: phrases, items: Type.Integer({ minimum: 1, maximum: 3 }) },
        { additionalProperties: false },
      ),
      { maxItems: 50 },
    ),
    /** All that weak context may bring: items of these tags, or called so. A medicine only where it is said. */
    lowRisk: Type.Array(
      Type.Object(
        {
          id: text(40),
          tags: Type.Optional(phrases),
          names: Type.Optional(phrases),
          medicine: Type.Optional(Type.Boolean()),
        },
        { additionalProperties: false },
      ),
      { maxItems: 50 },
    ),
  },
  { additionalProperties: false },
);

/** `config/lexicon.json`: what people say at a counter and what it means. */
export type Lexicon = Static<typeof LexiconSchema>;

export type Need = Lexicon['needs'][number];

/** Throws BaltoError `BALTO_PHARMACY_DATA` naming the field. */
export function parseLexicon(value: unknown, source: string): Lexicon {
  return parseData(LexiconSchema, value, source);
}
