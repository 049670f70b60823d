import {
  type ProviderContext,
  ProviderError,
  type ProviderManifest,
  parseConfig,
  type Tts,
  type TtsEvent,
  type TtsRequest,
} from '../../core/contracts/index.ts';
import { type EspeakSettings, settingsSchema, TITLE } from './config.ts';
import { speak } from './program.ts';

/** The program's one rate. */
const SAMPLE_RATE_HZ = 22_050;
const MAX_CHARS = 4000;
/** `pt-br`, `pt-br+f3`, `mb-br1`: nothing that could be read as an option or a path. */
const VOICE = /^[a-z][a-z0-9-]{1,30}(\+[a-z0-9_]{1,20})?$/i;
/** Usual ones; the program knows over a hundred. */
const LANGUAGES = ['pt', 'en', 'es', 'fr', 'it', 'de', 'nl', 'pl'];

class EspeakTts implements Tts {
  readonly #settings: EspeakSettings;

  constructor(settings: EspeakSettings) {
    this.#settings = settings;
  }

  async *synthesize(request: TtsRequest, signal: AbortSignal): AsyncGenerator<TtsEvent> {
    refuseUnfit(request);
    const { path, wordsPerMinute } = this.#settings;
    const voice = request.voice === '' ? request.language.toLowerCase() : request.voice;
    const speech = { path, wordsPerMinute, voice, text: request.text };
    for await (const bytes of speak(speech, SAMPLE_RATE_HZ, signal)) yield { type: 'audio', bytes };
    const usage = { unit: 'character' as const, quantity: request.text.length, of: 'text_in' as const };
    yield { type: 'usage', usage: [{ ...usage, model: 'espeak-ng' }] };
  }
}

function refuseUnfit({ text, encoding, sampleRateHz, voice, language }: TtsRequest): void {
  if (encoding !== 'pcm_s16le' || sampleRateHz !== SAMPLE_RATE_HZ) {
    const message = `${TITLE}: só PCM de 16 bits a ${SAMPLE_RATE_HZ} Hz`;
    throw new ProviderError({ code: 'unsupported', blame: 'core', message });
  }
  if (!VOICE.test(voice === '' ? language : voice)) {
    throw new ProviderError({ code: 'unsupported', message: `${TITLE}: nome de voz inválido` });
  }
  if (text.length > MAX_CHARS) {
    const message = `${TITLE}: no máximo ${MAX_CHARS} letras por pedido`;
    throw new ProviderError({ code: 'invalid_request', blame: 'caller', message });
  }
  if (text.trim() === '') throw new ProviderError({ code: 'empty', message: `${TITLE}: nenhum texto a falar` });
}

/** `tts/espeak`: the espeak-ng of this machine, where it is installed. */
export const espeakTts: ProviderManifest<'tts'> = {
  kind: 'tts',
  vendor: 'espeak',
  id: 'espeak',
  title: 'eSpeak NG (nesta máquina)',
  settings: settingsSchema,
  models: ['espeak-ng'],
  capabilities: {
    streaming: true,
    languages: LANGUAGES,
    encodings: ['pcm_s16le'],
    sampleRates: [SAMPLE_RATE_HZ],
    maxChars: MAX_CHARS,
    region: 'local',
  },
  create: (_credential, settings) => new EspeakTts(parseConfig(settingsSchema, settings)),
  probe: (_credential, settings, ctx) => probe(parseConfig(settingsSchema, settings), ctx),
};

/** Says one letter in Portuguese to nobody. */
async function probe(settings: EspeakSettings, ctx: ProviderContext): Promise<void> {
  const encoding = 'pcm_s16le';
  const request = { text: 'a', voice: '', language: 'pt-BR', encoding, sampleRateHz: SAMPLE_RATE_HZ } as const;
  for await (const _event of new EspeakTts(settings).synthesize(request, ctx.signal));
}
