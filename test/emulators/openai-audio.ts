import { readWav } from './form.ts';
import type { Heard, Listening } from './listening/index.ts';

/** What `POST /audio/transcriptions` refuses, as status, code and message; or what it answers. */
export type AudioAnswer = { refused: [number, string, string] } | { body: unknown };

interface Upload {
  model: string;
  format: string;
  form: FormData;
  pcm: Int16Array;
  sampleRateHz: number;
}

/** Formats by family of models. */
const FORMATS: [RegExp, string[]][] = [
  [/^whisper/, ['json', 'verbose_json']],
  [/^gpt-4o-transcribe-diarize$/, ['json', 'diarized_json']],
  [/^gpt-.*transcribe/, ['json']],
];

/** A transcription upload as the real API takes it: WAV, and only the fields the model knows. */
export async function transcribeUpload(form: FormData | undefined, listening: Listening): Promise<AudioAnswer> {
  const file = form?.get('file');
  if (!form || !(file instanceof Blob)) return refused(400, 'missing_required_parameter', "Missing 'file'.");
  const model = String(form.get('model') ?? '');
  const formats = FORMATS.find(([known]) => known.test(model))?.[1];
  if (!formats) return refused(404, 'model_not_found', `The model \`${model}\` does not exist.`);
  const format = String(form.get('response_format') ?? 'json');
  if (!formats.includes(format)) return refused(400, 'unsupported_value', `response_format '${format}'`);
  const wrong = wrongField(form, model, format);
  if (wrong) return refused(400, 'unsupported_parameter', wrong);
  const audio = await readWav(file);
  if (!audio) return refused(400, 'invalid_value', 'Audio file might be corrupted or unsupported.');
  if (audio.pcm.length < audio.sampleRateHz / 10) {
    return refused(400, 'audio_too_short', 'Minimum audio length is 0.1 seconds.');
  }
  const heard = listening.transcribe(audio.pcm, audio.sampleRateHz);
  return { body: answerTo({ model, format, form, ...audio }, heard) };
}

function refused(status: number, code: string, message: string): AudioAnswer {
  return { refused: [status, code, message] };
}

/** A field the model does not take. */
function wrongField(form: FormData, model: string, format: string): string | undefined {
  const isNewest = /^gpt-(live-)?transcribe$/.test(model);
  if (!isNewest && (form.has('keywords[]') || form.has('languages[]'))) return 'keywords, languages';
  if (form.has('include[]') && !(/^gpt-4o(-mini)?-transcribe$/.test(model) && format === 'json')) return 'include';
  if (form.has('timestamp_granularities[]') && format !== 'verbose_json') return 'timestamp_granularities';
  if (form.has('prompt') && model.endsWith('-diarize')) return 'prompt';
  return undefined;
}

function answerTo(upload: Upload, heard: Heard): unknown {
  const seconds = upload.pcm.length / upload.sampleRateHz;
  if (upload.format === 'verbose_json') return verbose(heard, seconds, upload);
  if (upload.format === 'diarized_json') return diarized(heard, seconds);
  const logprobs = heard.words.map((word) => ({ token: word.text, logprob: Math.log(word.confidence), bytes: [] }));
  return {
    text: heard.text,
    ...(upload.model === 'gpt-transcribe' ? { languages: [{ code: 'pt' }] } : {}),
    ...(upload.form.has('include[]') ? { logprobs } : {}),
    usage: upload.model.startsWith('gpt-4o') ? tokens(seconds, heard) : { type: 'duration', seconds },
  };
}

function verbose(heard: Heard, seconds: number, upload: Upload): unknown {
  const isAsked = upload.form.getAll('timestamp_granularities[]').includes('word');
  const words = heard.words.map(({ text, startMs, endMs }) => ({
    word: text,
    start: startMs / 1000,
    end: endMs / 1000,
  }));
  const mean = heard.words.reduce((sum, word) => sum + Math.log(word.confidence), 0) / Math.max(1, words.length);
  const segment = {
    id: 0,
    seek: 0,
    start: 0,
    end: seconds,
    text: ` ${heard.text}`,
    tokens: [],
    temperature: 0,
    avg_logprob: mean,
    compression_ratio: 1,
    no_speech_prob: heard.text === '' ? 0.9 : 0.1,
  };
  return {
    task: 'transcribe',
    language: 'portuguese',
    duration: seconds,
    text: heard.text,
    ...(isAsked ? { words } : {}),
    segments: [segment],
    usage: { type: 'duration', seconds: Math.ceil(seconds) },
  };
}

/** One segment per word, the speakers taking turns: enough to see that labels come through. */
function diarized(heard: Heard, seconds: number): unknown {
  const segments = heard.words.map((word, index) => ({
    type: 'transcript.text.segment',
    id: `seg_${index}`,
    start: word.startMs / 1000,
    end: word.endMs / 1000,
    text: word.text,
    speaker: index % 2 === 0 ? 'A' : 'B',
  }));
  return { task: 'transcribe', duration: seconds, text: heard.text, segments, usage: tokens(seconds, heard) };
}

/** Ten tokens a second of audio, one a word. */
function tokens(seconds: number, heard: Heard): unknown {
  const audio = Math.round(seconds * 10);
  const output = heard.words.length;
  return {
    type: 'tokens',
    input_tokens: audio + 2,
    input_token_details: { text_tokens: 2, audio_tokens: audio },
    output_tokens: output,
    total_tokens: audio + 2 + output,
  };
}

/** A tone of 20 ms per letter, raw PCM at 24 kHz as text: every byte is below 0x80, so that it is the same in UTF-8. */
export function speak(text: string): string {
  const bytes = Buffer.alloc(text.length * 960);
  for (let at = 0; at < bytes.length / 2; at++) {
    bytes[2 * at + 1] = Math.round(40 + 30 * Math.sin((2 * Math.PI * 440 * at) / 24_000));
  }
  return bytes.toString('latin1');
}

/** A vector that depends on the text only: equal texts are equal vectors, of length one. */
export function embed(text: string, dimensions: number): number[] {
  let state = 2166136261;
  for (const letter of text) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 16777619);
  const raw = Array.from({ length: dimensions }, () => {
    state = Math.imul(state ^ (state >>> 15), 2246822507) + 1013904223;
    return (state >>> 0) / 4294967296 - 0.5;
  });
  const norm = Math.hypot(...raw);
  return raw.map((value) => value / norm);
}
