import type { SttCapabilities } from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import type { Candidate, Decision, Routed } from '../runtime/types.ts';

/** What a decision is made from. */
export interface RoutingConfig {
  registry: Registry;
  /** Providers of one kind in the order the configuration wants them. */
  configured: readonly ConfiguredProvider[];
  /** BCP 47 of what is spoken. */
  language: string;
  /** Version of the configuration, stored with the decision. Default 0: the environment. */
  version?: number;
}

/** Name of the only rule there is without rules in the database: the configured list, in its order. */
const ENVIRONMENT_RULE = 'ambiente';

/**
 * The candidates an utterance gets, in order, and why the others were passed over. The utterance is streamed when the
 * first candidate streams, else it is decided as a whole segment.
 * @param hint.mode `segment` keeps a streaming candidate from being used live.
 */
export function decideStt(config: RoutingConfig, hint: { mode?: 'segment' | 'stream' } = {}): Routed {
  const routed = select(config, (configured) => {
    const capabilities = config.registry.capabilities<'stt'>(configured.address, configured.settings);
    return supportsLanguage(capabilities, config.language) ? null : `não atende o idioma ${config.language}`;
  });
  const [first] = routed.candidates;
  if (first && hint.mode !== 'segment' && streams(config, first)) routed.decision.mode = 'stream';
  return routed;
}

/** The same for a kind without conditions of its own, such as `llm`. */
export function decide(config: RoutingConfig): Routed {
  return select(config, () => null);
}

function select(config: RoutingConfig, refuse: (configured: ConfiguredProvider) => string | null): Routed {
  const candidates: Candidate[] = [];
  const rejected: Decision['rejected'] = [];
  for (const configured of config.configured) {
    const reason = configured.missing ?? reasonOf(configured, refuse);
    if (reason !== null) rejected.push({ address: configured.address, reason });
    else
      for (const credential of configured.credentials.keys())
        candidates.push({ address: configured.address, credential, provider: configured });
  }
  const addresses = [...new Set(candidates.map((candidate) => candidate.address))];
  return {
    decision: {
      rule: ENVIRONMENT_RULE,
      version: config.version ?? 0,
      mode: 'segment',
      candidates: addresses,
      rejected,
    },
    candidates,
  };
}

/** A plugin that throws when asked what it can do is passed over like any other that cannot be used. */
function reasonOf(configured: ConfiguredProvider, refuse: (configured: ConfiguredProvider) => string | null) {
  try {
    return refuse(configured);
  } catch {
    return 'o plugin não informa suas capacidades';
  }
}

function streams(config: RoutingConfig, candidate: Candidate): boolean {
  return config.registry.capabilities<'stt'>(candidate.address, candidate.provider.settings).streaming;
}

/** `pt` covers `pt-BR`; `*` and `multi` cover all. */
function supportsLanguage(capabilities: SttCapabilities, language: string): boolean {
  const wanted = language.toLowerCase();
  return capabilities.languages.some((each) => {
    const known = each.toLowerCase();
    return known === '*' || known === 'multi' || known === wanted || wanted.startsWith(`${known}-`);
  });
}
