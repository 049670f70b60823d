import Type, { type Static } from 'typebox';

export const Price = Type.Object(
  {
    /** Address without the model: `stt/acme`. */
    provider: Type.String({ pattern: '^[a-z]+/[a-z0-9-]+$' }),
    /** The vendor's name of the model; also holds for its dated versions (`model-2026-03-01`). `*`: every model. */
    model: Type.String({ minLength: 1 }),
    /** Where live streams and single requests cost differently. */
    mode: Type.Optional(Type.Union([Type.Literal('batch'), Type.Literal('stream')])),
    of: Type.String({ minLength: 1 }),
    /** A minute is 60 of the seconds a provider reports. */
    unit: Type.Union([
      Type.Literal('second'),
      Type.Literal('minute'),
      Type.Literal('character'),
      Type.Literal('token'),
      Type.Literal('request'),
    ]),
    /** `per` units cost so many millionths of a dollar. */
    microUsd: Type.Number({ minimum: 0 }),
    per: Type.Number({ exclusiveMinimum: 0 }),
    /** The vendor rounds a request up to a multiple of so many units. */
    increment: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** The vendor bills at least so many units per request. */
    minimum: Type.Optional(Type.Number({ minimum: 0 })),
    /** Each channel of the audio is billed like a recording of its own. */
    perChannel: Type.Optional(Type.Boolean()),
    /** First day it holds, in São Paulo. */
    from: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    source: Type.String({ minLength: 1 }),
    note: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Price = Static<typeof Price>;

/** Reais for a dollar from a day on: vendors bill in dollars, shops count in reais. */
export const Exchange = Type.Object(
  {
    brlPerUsd: Type.Number({ exclusiveMinimum: 0 }),
    from: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    source: Type.String({ minLength: 1 }),
  },
  { additionalProperties: false },
);

export type Exchange = Static<typeof Exchange>;

/** The `prices` section: what an installation knows better than the price book that ships with Balto. */
export const PriceList = Type.Object(
  {
    prices: Type.Array(Price, { maxItems: 1000 }),
    exchange: Type.Optional(Type.Array(Exchange, { maxItems: 1000 })),
  },
  { additionalProperties: false },
);
export type PriceList = Static<typeof PriceList>;
