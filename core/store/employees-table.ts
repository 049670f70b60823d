import type { Generated, GeneratedAlways } from 'kysely';

/** `funcionarios`. */
export interface EmployeesTable {
  id: Generated<number>;
  cliente_id: string;
  user_id: GeneratedAlways<string>;
  nome: string;
  audio_file_name: string | null;
  embedding: Buffer | null;
  embedding_modelo: string | null;
  criado_em: Generated<Date>;
}
