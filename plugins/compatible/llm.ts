import Type from 'typebox';
import {
  type LlmCapabilities,
  type LlmRequest,
  type ProviderContext,
  type ProviderManifest,
  parseConfig,
} from '../../core/contracts/index.ts';
import type { ReadError } from '../openai/client.ts';
import type { ChatDialect } from '../openai/compatible.ts';
import { baseUrlOf, keyOf, modelOf, type Preset, refuseRetired, refuseUnlisted, regionOf } from './preset.ts';

/** What a preset's chat is like. */
export interface ChatPreset {
  /** The default first; chosen on 2026-11-21. */
  models: [string, ...string[]];
  contextTokens: number;
  structuredOf(model: string): LlmCapabilities['structured'];
  limit: NonNullable<ChatDialect['limit']>;
  streamsStructured: boolean;
  /** Thinking at the counter costs seconds: what to ask of the models that think. */
  effortOf?(model: string): 'low' | undefined;
}

/** `llm/<vendor>` of a preset. */
export function chatProvider(preset: Preset, chat: ChatPreset): ProviderManifest<'llm'> {
  const { vendor, prefix } = preset;
  const settingsSchema = Type.Object({
    model: modelOf('Modelo de conversa', chat.models[0], `${prefix}_MODEL`),
    baseUrl: baseUrlOf(preset),
  });
  const create = async (credential: unknown, given: unknown, ctx: ProviderContext) => {
    const { model, baseUrl } = parseConfig(settingsSchema, given);
    const [{ CompatibleChat }, { errorOf }] = await Promise.all([
      import('../openai/compatible.ts'),
      import('./errors.ts'),
    ]);
    return CompatibleChat.create({
      ...keyOf(preset, credential),
      baseUrl,
      model,
      ctx,
      dialect: dialectOf(preset, chat, model, errorOf(preset)),
    });
  };
  return {
    kind: 'llm',
    vendor: vendor.id,
    id: vendor.id,
    title: vendor.title,
    settings: settingsSchema,
    models: chat.models,
    capabilities: (given) => ({
      structured: chat.structuredOf(String(given['model'] ?? chat.models[0])),
      tools: true,
      streaming: true,
      temperature: true,
      contextTokens: chat.contextTokens,
      region: regionOf(preset, given),
    }),
    create,
    async probe(credential, settings, ctx) {
      const { model } = parseConfig(settingsSchema, settings);
      refuseRetired(preset, model);
      const instance = await create(credential, settings, ctx);
      refuseUnlisted(preset, model, await instance.models(ctx.signal));
    },
  };
}

function dialectOf(preset: Preset, chat: ChatPreset, model: string, error: ReadError): ChatDialect {
  const effort = chat.effortOf?.(model);
  return {
    title: preset.vendor.title,
    error,
    structured: chat.structuredOf(model),
    limit: chat.limit,
    streamsStructured: chat.streamsStructured,
    extra: ({ temperature }: LlmRequest) => ({
      ...(temperature === undefined ? {} : { temperature }),
      ...(effort === undefined ? {} : { reasoning_effort: effort }),
    }),
  };
}
