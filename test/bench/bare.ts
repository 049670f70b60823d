/** What a vendor costs without a plugin: the same request by the bare SDK, socket or fetch. For `bench -- plugins`. */
import { WebSocket } from 'ws';

/** One call, to its answer's end. */
export type Call = () => Promise<void>;

export const QUESTION = 'Estou com dor de cabeça, o que vocês têm?';

/** One second of silence at 16 kHz: what is in it does not matter to a vendor that does not listen. */
export const SECOND = new Int16Array(16_000);
/** Samples of one push: 100 ms. */
export const CHUNK = 1600;

/** Chat by the official SDK, one attempt. */
export async function bareChat(baseURL: string, apiKey: string, model: string): Promise<Call> {
  const { default: OpenAI } = await import('openai');
  const client = new OpenAI({ apiKey, baseURL, maxRetries: 0 });
  return async () => {
    const { choices } = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: QUESTION }],
    });
    if (!choices[0]?.message.content) throw new Error('no answer');
  };
}

/** A whole utterance by fetch. */
export function bareScribe(baseUrl: string, apiKey: string): Call {
  return async () => {
    const form = new FormData();
    for (const [name, value] of [
      ['model_id', 'scribe_v2'],
      ['file_format', 'pcm_s16le_16'],
      ['language_code', 'por'],
    ] as const) {
      form.append(name, value);
    }
    form.append('file', new Blob([SECOND]), 'fala.pcm');
    const init = { method: 'POST', body: form, headers: { 'xi-api-key': apiKey } };
    const response = await fetch(`${baseUrl}/v1/speech-to-text`, init);
    const { text } = (await response.json()) as { text?: string };
    if (text === undefined) throw new Error('no answer');
  };
}

/** A live session that is given audio and asked for its answer. */
export interface LiveSession {
  push(pcm: Int16Array): void;
  /** Asks for everything pushed so far, and resolves when it is answered. */
  finalize(): Promise<void>;
  close(): Promise<void>;
}

/** The same over a socket of its own. */
export async function bareLive(baseUrl: string, apiKey: string): Promise<LiveSession> {
  const query = new URLSearchParams({
    model: 'nova-3',
    encoding: 'linear16',
    sample_rate: '16000',
    language: 'pt-BR',
    channels: '1',
    interim_results: 'true',
  });
  const url = `${baseUrl.replace(/^http/, 'ws')}/v1/listen?${query}`;
  const socket = new WebSocket(url, { headers: { authorization: `Token ${apiKey}` }, perMessageDeflate: false });
  let answered: () => void = () => undefined;
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { from_finalize?: boolean };
    if (message.from_finalize === true) answered();
  });
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    push: (pcm) => socket.send(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)),
    finalize() {
      const answer = new Promise<void>((resolve) => {
        answered = resolve;
      });
      socket.send('{"type":"Finalize"}');
      return answer;
    },
    async close() {
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.send('{"type":"CloseStream"}');
      await closed;
    },
  };
}
