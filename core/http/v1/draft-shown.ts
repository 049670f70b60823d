import { type Static, Type } from 'typebox';
import type { ConfigDraft } from '../../store/config-drafts-table.ts';
import { redacted } from '../../store/redact.ts';
import { Moment, nullable } from './schemas.ts';

const Note = Type.Object({
  code: Type.String({ description: 'Estável, para programas' }),
  field: Type.String({ description: 'Onde: seção, e o campo nela' }),
  message: Type.String({ description: 'Por quê, em português' }),
});

/** What is in force and looks wrong, or would be. */
export const Warnings = Type.Array(Note, { description: 'O que está em vigor e parece errado' });

/** A section as somebody left it; its shape is the section's. */
export const SectionValue = (description: string) =>
  nullable(Type.Unsafe<object>({ type: 'object', additionalProperties: true, description }));

/** What a section is called, and where it stands. */
export const SECTION_PLACE = {
  clientId: nullable(Type.String({ description: 'null: de todos' })),
  counterId: nullable(Type.String()),
  section: Type.String({
    description:
      'providers.<tipo>, routing, credentials.<fornecedor>, limits, budget, prices, restrictions, offering ou voices',
  }),
};

const Validation = Type.Object({
  errors: Type.Array(Note, { description: 'Com algum, não entra em vigor' }),
  warnings: Type.Array(Note, { description: 'Não impedem' }),
  probes: Type.Array(
    Type.Object({ address: Type.String(), code: Type.String({ description: 'ok, ou o que houve' }) }),
    {
      description: 'Chaves perguntadas ao fornecedor',
    },
  ),
});

/** Of a change: put it in force, or keep it as a draft. */
export const Activate = Type.Optional(
  Type.Boolean({ default: true, description: 'false: só valida e guarda como rascunho' }),
);

/** A draft, as every route shows it. */
export const DraftShown = Type.Object({
  id: Type.String(),
  clientId: nullable(Type.String({ description: 'null: de todos' })),
  counterId: nullable(Type.String()),
  baseVersion: Type.Integer({ description: 'Versão em vigor quando foi feito: mudanças mais novas o recusam (412)' }),
  state: Type.Enum(['open', 'valid', 'refused', 'active', 'discarded'], {
    description: 'Por conferir, conferido, recusado, em vigor, abandonado',
  }),
  author: Type.String(),
  createdAt: Moment,
  changes: Type.Array(Type.Object({ ...SECTION_PLACE, value: SectionValue('A seção inteira; null: retirada') }), {
    description: 'Seções que mudaria',
  }),
  validation: nullable(Validation),
  activatedVersion: nullable(Type.Integer()),
  canary: nullable(
    Type.Object(
      {
        counterIds: Type.Array(Type.String()),
        of: Type.Integer({ description: 'Balcões que o rascunho alcançaria' }),
        version: Type.Integer({ description: 'Versão que o pôs em prova' }),
        at: Moment,
      },
      { description: 'Balcões em que já vale, em prova; null: em nenhum' },
    ),
  ),
});

export function shownDraft(draft: ConfigDraft): Static<typeof DraftShown> {
  const { createdAt, changes, validation, ...rest } = draft;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    changes: changes.map((change) => redacted(change) as typeof change),
    validation: validation as Static<typeof Validation> | null,
  };
}
