import { ProviderError, readBytes, type TtsEvent, type TtsRequest } from '../../../core/contracts/index.ts';
import { Caller, TITLE } from '../zoo-remote/caller.ts';
import type { Reference } from '../zoo-remote/defects.ts';

const MAX_CHARS = 500;
const CAPABILITIES = {
  streaming: true,
  languages: ['pt-BR'],
  encodings: ['pcm_s16le', 'mulaw'] as TtsRequest['encoding'][],
  sampleRates: [8000, 16_000],
  maxChars: MAX_CHARS,
  region: 'br',
};

/** A voice behind Acme's wire. */
export const acmeTts: Reference<'tts'> = {
  kind: 'tts',
  capabilities: CAPABILITIES,
  create(credential, settings, ctx) {
    const caller = new Caller(credential, settings, ctx);
    return { synthesize: (request, signal) => synthesized(caller, request, signal) };
  },
  probe: (credential, settings, ctx) => new Caller(credential, settings, ctx).probe(),
  failing: ({ synthesize }, error) => ({
    async *synthesize(request, signal) {
      try {
        yield* synthesize(request, signal);
      } catch (reason) {
        throw error(reason);
      }
    },
  }),
};

async function* synthesized(caller: Caller, request: TtsRequest, signal: AbortSignal): AsyncGenerator<TtsEvent> {
  refuseUnfit(request);
  const { text, voice, language, encoding, sampleRateHz: rate } = request;
  const { model } = caller;
  const response = await caller.ask('/speech', { model, text, voice, language, encoding, rate }, signal);
  let bytes = 0;
  for await (const piece of readBytes(TITLE, response, signal, encoding === 'pcm_s16le' ? 2 : 1)) {
    bytes += piece.length;
    yield { type: 'audio', bytes: piece };
  }
  if (bytes === 0) throw new ProviderError({ code: 'output', message: `${TITLE}: sem áudio` });
  yield { type: 'mark', text, startMs: 0 };
  yield { type: 'usage', usage: [{ unit: 'character', quantity: text.length, of: 'text_in', model }] };
}

function refuseUnfit({ text, encoding, sampleRateHz }: TtsRequest): void {
  if (!CAPABILITIES.encodings.includes(encoding) || !CAPABILITIES.sampleRates.includes(sampleRateHz)) {
    throw new ProviderError({ code: 'unsupported', blame: 'core', message: `${TITLE}: formato não suportado` });
  }
  if (text.trim() === '') throw new ProviderError({ code: 'empty', message: `${TITLE}: nada a dizer` });
  if (text.length > MAX_CHARS) throw new ProviderError({ code: 'invalid_request', message: `${TITLE}: texto longo` });
}
