import type OpenAI from 'openai';
import Type from 'typebox';
import { type Embeddings, ProviderError, parseWire, type Usage } from '../../core/contracts/index.ts';
import { type ClientGiven, createClient, type ReadError } from './client.ts';
import { MAX_TEXTS } from './models.ts';
import { modelNames } from './transcription.ts';

/** `POST /embeddings` with `encoding_format: float`, the fields Balto reads. */
const embeddingsSchema = Type.Object({
  data: Type.Array(
    Type.Object({
      index: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
      embedding: Type.Array(Type.Number()),
    }),
  ),
  usage: Type.Optional(
    Type.Union([Type.Object({ prompt_tokens: Type.Optional(Type.Union([Type.Number(), Type.Null()])) }), Type.Null()]),
  ),
});

export interface VectorsOptions extends ClientGiven {
  title: string;
  model: string;
  /** Numbers a vector must have. */
  dimensions: number;
  /** Whether the model cuts its vectors to `dimensions` when asked. */
  cuts: boolean;
  error: ReadError;
}

/** Vectors through the `openai` SDK, one request per call. */
export class CompatibleEmbeddings implements Embeddings {
  readonly dimensions: number;
  readonly #client: OpenAI;
  readonly #options: VectorsOptions;

  static async create(options: VectorsOptions): Promise<CompatibleEmbeddings> {
    return new CompatibleEmbeddings(await createClient(options), options);
  }

  private constructor(client: OpenAI, options: VectorsOptions) {
    this.#client = client;
    this.#options = options;
    this.dimensions = options.dimensions;
  }

  async embed(texts: string[], _purpose: 'query' | 'document', signal: AbortSignal) {
    const { title, model, cuts } = this.#options;
    if (texts.length === 0) return { vectors: [], usage: [] };
    if (texts.length > MAX_TEXTS) {
      throw new ProviderError({ code: 'invalid_request', message: `${title}: mais de ${MAX_TEXTS} textos num pedido` });
    }
    // Stated, because the SDK would ask for base64, which not every compatible server knows.
    const body = { model, input: texts, encoding_format: 'float' as const };
    const answer = await this.#attempt(signal, async () => {
      const given = cuts ? { ...body, dimensions: this.dimensions } : body;
      return (await this.#client.embeddings.create(given, { signal })) as unknown;
    });
    const { data, usage } = parseWire(title, embeddingsSchema, answer);
    const tokens = usage?.prompt_tokens ?? 0;
    const billed: Usage[] = tokens > 0 ? [{ unit: 'token', quantity: tokens, of: 'text_in', model }] : [];
    return { vectors: this.#inOrder(data, texts.length), usage: billed };
  }

  /** Names of the server's models: no text, no cost. */
  async models(signal: AbortSignal): Promise<string[]> {
    return modelNames(await this.#attempt(signal, () => this.#client.models.list({ signal })));
  }

  #inOrder(data: { index?: number | null; embedding: number[] }[], count: number): Float32Array[] {
    const { title } = this.#options;
    const vectors: Float32Array[] = [];
    for (const [place, { index, embedding }] of data.entries()) {
      if (embedding.length !== this.dimensions) throw this.#wrongLength(embedding.length);
      vectors[index ?? place] = Float32Array.from(embedding);
    }
    const isWhole = vectors.length === count && Object.keys(vectors).length === count;
    if (!isWhole) throw new ProviderError({ code: 'protocol', message: `${title} não respondeu a todos os textos` });
    return vectors;
  }

  #wrongLength(length: number): ProviderError {
    const message = `o modelo de ${this.#options.title} dá vetores de ${length} números; a configuração diz ${this.dimensions}`;
    return new ProviderError({ code: 'invalid_request', blame: 'config', message });
  }

  async #attempt<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    const { error, apiKey = '' } = this.#options;
    try {
      return await run();
    } catch (thrown) {
      throw error(thrown, signal, apiKey);
    }
  }
}
