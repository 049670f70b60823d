import type { SttOptions } from '../../core/contracts/index.ts';
import type { DeepgramSettings } from './config.ts';

/** Key terms, as stated to the core. The vendor takes 500 tokens of them and no more. */
export const KEYTERMS = { max: 100, maxChars: 100 };
/** 500 tokens: one is at least two letters of a product's name. */
const KEYTERM_CHARS = 1000;

/** Flux: another endpoint, other messages. */
export function isFlux(model: string): boolean {
  return model.startsWith('flux-');
}

/** Key terms came with nova-3; older models refuse the parameter. */
export function takesKeyterms(model: string): boolean {
  return model.startsWith('nova-3') || isFlux(model);
}

/** Of `POST /v1/listen`. */
export function novaQuery(settings: DeepgramSettings, options: SttOptions, sampleRateHz: number): URLSearchParams {
  const query = common(settings, sampleRateHz);
  query.set('language', options.language);
  query.set('channels', '1');
  query.set('punctuate', 'true');
  query.set('smart_format', 'true');
  if (options.diarize === true) query.set('diarize', 'true');
  addKeyterms(query, settings.model, options.keyterms);
  return query;
}

/** Of the WebSocket `/v1/listen`. */
export function liveQuery(settings: DeepgramSettings, options: SttOptions, sampleRateHz: number): URLSearchParams {
  const query = novaQuery(settings, options, sampleRateHz);
  query.set('interim_results', 'true');
  query.set('endpointing', settings.endpointingMs === 0 ? 'false' : String(settings.endpointingMs));
  return query;
}

/** Of the WebSocket `/v2/listen`: the language is a hint, and only the multilingual model takes one. */
export function fluxQuery(settings: DeepgramSettings, options: SttOptions, sampleRateHz: number): URLSearchParams {
  const query = common(settings, sampleRateHz);
  if (settings.model !== 'flux-general-en') query.set('language_hint', new Intl.Locale(options.language).language);
  addKeyterms(query, settings.model, options.keyterms);
  return query;
}

function common(settings: DeepgramSettings, sampleRateHz: number): URLSearchParams {
  const query = new URLSearchParams({
    model: settings.model,
    encoding: 'linear16',
    sample_rate: String(sampleRateHz),
  });
  if (!settings.improveModel) query.set('mip_opt_out', 'true');
  return query;
}

function addKeyterms(query: URLSearchParams, model: string, terms: readonly string[] = []): void {
  if (!takesKeyterms(model)) return;
  let left = KEYTERM_CHARS;
  for (const term of terms.filter((each) => each.length <= KEYTERMS.maxChars).slice(0, KEYTERMS.max)) {
    left -= term.length;
    if (left < 0) return;
    query.append('keyterm', term);
  }
}
