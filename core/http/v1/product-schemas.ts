import { type Static, Type } from 'typebox';
import { SALE_CLASSES } from '../../pharmacy/catalogue.ts';
import { TAGS } from '../../pharmacy/tags.ts';
import type { Product, ProductInput } from '../../store/product-rows.ts';
import { Moment, nullable, strict, Text } from './schemas.ts';

export const SaleClassName = Type.Enum([...SALE_CLASSES], {
  description: 'Só venda_livre pode chegar ao balcão, e só se a lista de venda livre a confirmar',
});
export const TagName = Type.Enum([...TAGS], { description: 'Categoria, da lista do protocolo' });

const Texts = (description: string) => Type.Array(Text(description, 120), { maxItems: 60 });
const OneOf = <T extends Parameters<typeof nullable>[0]>(schema: T) => Type.Optional(nullable(schema));

const Ingredients = Type.Array(
  strict({
    substance: Text('Substância', 200),
    dose: nullable(
      strict({
        value: Type.Number({ exclusiveMinimum: 0, maximum: 1e9 }),
        unit: Type.String({ pattern: '^[A-Za-zµ%]{1,8}(/[a-z]{1,8})?$', description: 'mg, mg/ml, %, UI…' }),
      }),
    ),
  }),
  { maxItems: 60, description: 'Substâncias, com a dose por unidade, ml ou g; dose null: não se sabe' },
);

const Excerpt = (description: string) => OneOf(Text(description, 4000));
const LeafletFields = strict({
  indication: Excerpt('Para que serve'),
  contraindication: Excerpt('Quem não pode usar'),
  warnings: Excerpt('Advertências e precauções'),
  interactions: Excerpt('Interações'),
  url: OneOf(Type.String({ pattern: '^https://[^\\s@]+$', maxLength: 500, description: 'Endereço da bula, https' })),
  version: OneOf(Text('Versão ou data da bula', 40)),
});

/** What may be said of an item; a new one needs `code` and `name` beside. */
export const ProductFields = {
  tag: Type.Optional(TagName),
  saleClass: Type.Optional(SaleClassName),
  medicine: Type.Optional(Type.Boolean()),
  substance: OneOf(Text('Princípio ativo', 500)),
  indications: Type.Optional(Texts('Necessidade que atende')),
  synonyms: Type.Optional(Texts('Outro nome')),
  goesWith: Type.Optional(Texts('O que o cliente compra ou diz que o torna útil')),
  priceCents: OneOf(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
  active: Type.Optional(Type.Boolean({ description: 'false: fica no catálogo, e nunca é sugerido' })),
  source: OneOf(Text('De onde vem a classificação', 200)),
  version: OneOf(Text('Versão ou data dessa fonte', 40)),
  form: OneOf(Text('Forma farmacêutica', 80)),
  ingredients: Type.Optional(Ingredients),
  stripe: OneOf(Text('Tarja, como está na embalagem', 80)),
  leaflet: Type.Optional(LeafletFields),
};

export const ProductCode = Text('Código do item, o da farmácia', 80);
export const ProductName = Text('Nome que aparece no balcão', 120);

const { leaflet: _leaflet, ...plain } = ProductFields;
const NewProduct = strict({ ...plain, leaflet: Type.Optional(LeafletFields) });
type Given = Static<typeof NewProduct>;

export const ShownProduct = Type.Object({
  id: Type.Integer(),
  clientId: Type.String(),
  code: Type.String(),
  name: Type.String(),
  tag: Type.String(),
  saleClass: SaleClassName,
  medicine: Type.Boolean(),
  substance: nullable(Type.String()),
  indications: Type.Array(Type.String()),
  synonyms: Type.Array(Type.String()),
  goesWith: Type.Array(Type.String()),
  priceCents: nullable(Type.Integer()),
  active: Type.Boolean(),
  source: nullable(Type.String()),
  version: nullable(Type.String()),
  form: nullable(Type.String()),
  ingredients: Type.Array(
    Type.Object({
      substance: Type.String(),
      dose: nullable(Type.Object({ value: Type.Number(), unit: Type.String() })),
    }),
  ),
  stripe: nullable(Type.String()),
  leaflet: Type.Object({
    indication: nullable(Type.String()),
    contraindication: nullable(Type.String()),
    warnings: nullable(Type.String()),
    interactions: nullable(Type.String()),
    url: nullable(Type.String()),
    version: nullable(Type.String()),
  }),
  createdAt: Moment,
  importId: nullable(Type.Integer({ description: 'Importação que o escreveu por último; null: foi à mão' })),
  revision: Type.Integer({ description: 'A mesma do ETag' }),
});

/** What was given, without what was not; a leaflet is replaced whole. */
export function givenProduct(body: Given): Partial<ProductInput> {
  const { leaflet, ...rest } = body;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (leaflet === undefined) return given;
  const { indication = null, contraindication = null, warnings = null } = leaflet;
  const { interactions = null, url = null, version = null } = leaflet;
  return { ...given, leaflet: { indication, contraindication, warnings, interactions, url, version } };
}

export function shownProduct({ createdAt, ...rest }: Product): Static<typeof ShownProduct> {
  return { ...rest, createdAt: createdAt.toISOString() };
}
