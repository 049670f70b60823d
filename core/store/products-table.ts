import type { Generated, GeneratedAlways, Selectable } from 'kysely';
import type { CatalogueCandidate, SaleClass } from '../pharmacy/catalogue.ts';

/** `produtos`. */
export interface ProductsTable {
  id: Generated<number>;
  cliente_id: string | null;
  codigo: string;
  nome: string;
  tag: Generated<string>;
  classe_venda: Generated<SaleClass>;
  medicamento: Generated<boolean>;
  principio_ativo: string | null;
  indicacoes: Generated<string[]>;
  sinonimos: Generated<string[]>;
  combina_com: Generated<string[]>;
  preco_centavos: number | null;
  ativo: Generated<boolean>;
  fonte: string | null;
  versao: string | null;
  criado_em: Generated<Date>;
  documento: GeneratedAlways<string>;
  busca_nome: GeneratedAlways<string>;
}

export function toCandidate(
  row: Omit<
    Selectable<ProductsTable>,
    'documento' | 'busca_nome' | 'criado_em' | 'codigo' | 'preco_centavos' | 'ativo'
  >,
  score: number,
): CatalogueCandidate {
  return {
    id: row.id,
    own: row.cliente_id !== null,
    name: row.nome,
    tag: row.tag,
    saleClass: row.classe_venda,
    medicine: row.medicamento,
    substance: row.principio_ativo,
    indications: row.indicacoes,
    synonyms: row.sinonimos,
    goesWith: row.combina_com,
    source: row.fonte,
    version: row.versao,
    score,
  };
}
