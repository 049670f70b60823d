import { type Static, Type } from 'typebox';
import type { Kind } from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import { Addresses, type Rule } from './rule.ts';
import type { VoiceSettings } from './voices.ts';

const count = (description: string) => Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000_000, description }));

/** The `limits` section: what one client may take of what all share. An absent value is unlimited. */
export const Limits = Type.Object(
  {
    counters: count('Balcões conectados ao mesmo tempo.'),
    utterancesInFlight: count('Falas sendo transcritas ao mesmo tempo.'),
    requests: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }),
        Type.Object(
          {
            minute: count('Pedidos por minuto.'),
            hour: count('Pedidos por hora.'),
            day: count('Pedidos por dia.'),
          },
          { additionalProperties: false },
        ),
        { description: 'Pedidos por grupo de rotas.' },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Limits = Static<typeof Limits>;

const left = (description: string) => Type.Optional(Type.Number({ minimum: 0, maximum: 1, description }));

/** The `budget` section. Amounts are integer millionths of a US dollar; thresholds are shares of it that are left, 0 to 1. */
export const Budget = Type.Object(
  {
    microUsd: Type.Integer({ minimum: 1, maximum: 1e15, description: 'Orçamento do período, em milionésimos de US$.' }),
    period: Type.Union([Type.Literal('day'), Type.Literal('month')], {
      description: 'Dia ou mês do calendário, no fuso do cliente.',
    }),
    warnBelow: left('Avisa quando resta menos que esta parte. Padrão 0,2.'),
    cheaperBelow: left('Passa aos provedores de cheaper quando resta menos que esta parte. Padrão 0,1.'),
    cheaper: Type.Optional(
      Type.Object(
        { stt: Type.Optional(Addresses), llm: Type.Optional(Addresses) },
        { additionalProperties: false, description: 'Provedores mais baratos, que então vêm primeiro.' },
      ),
    ),
    stop: Type.Optional(
      Type.Boolean({ default: false, description: 'Com o orçamento esgotado, não chama mais nenhum fornecedor.' }),
    ),
  },
  { additionalProperties: false },
);
export type Budget = Static<typeof Budget>;

/** The `offering` section: what is looked through for a card. */
export const Offering = Type.Object(
  {
    restrictProducts: Type.Optional(
      Type.Boolean({
        description: 'Sugerir somente produtos do catálogo do cliente; false: também os itens genéricos iniciais.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Offering = Static<typeof Offering>;

/** Layers of the configuration, the nearest to a counter last. */
export type Layer = 'built-in' | 'environment' | 'global' | 'client' | 'counter';

/** Which draft's rules a counter tries, and whose place they take. */
export interface RulesTrial {
  draft: string;
  of: 'client' | 'global';
}

/** The configuration as it holds for one counter (or for a client without one) in one version. Immutable; made once per version. */
export interface Effective {
  version: number;
  clientId: string;
  counterId: string | null;
  /** The nearest layer's list, in its order, with settings and keys as they hold here. */
  configured: Readonly<Record<Kind, readonly ConfiguredProvider[]>>;
  /** Layer each list of `configured` is of. */
  listLayer: Readonly<Record<Kind, Layer>>;
  /** The list that holds where client and counter have none: global, else the environment's. The same as `configured` there. */
  globalList: Readonly<Record<Kind, { layer: Layer; use: readonly ConfiguredProvider[] }>>;
  /**
   * In their stored order. Keep the same array for all counters of a client and, of `global`, for all clients while their
   * version holds: compiled rules are remembered by it.
   */
  rules: { client: readonly Rule[]; global: readonly Rule[] };
  /** A draft's rules that this counter tries in the place of those of its client, or of everyone; null: it tries none. */
  trial: RulesTrial | null;
  /** Any provider with settings and keys as they hold here, also one that no list names; null: the registry knows no such address. */
  provider(address: string): ConfiguredProvider | null;
  limits: Limits;
  /** Null: none. */
  budget: Budget | null;
  voices: VoiceSettings;
  offering: Offering;
  /** IANA zone of the client. Default America/Sao_Paulo. */
  timeZone: string;
}
