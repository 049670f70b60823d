import { type TSchema, Type } from 'typebox';

/** What a property says besides its JSON Schema: the variable that sets it, and where it stands in `.env.example`. */
export interface VariableNotes {
  env: string;
  section: string;
  description: string;
  /** Holds a secret: never in a log, never with a default. */
  secret?: true;
  /** Read and validated, but without effect in this version: said at start when set. */
  pending?: true;
}

const at =
  (section: string) =>
  (env: string, description: string, more: { secret?: true; pending?: true } = {}): VariableNotes => ({
    env,
    section,
    description,
    ...more,
  });

export const server = at('Servidor');
export const storage = at('Banco de dados e pasta de dados');
export const access = at('Acesso e segredos');
export const limits = at('Limites');
export const listening = at('Escuta (valores iniciais; cada cliente e balcão pode ter os seus)');
export const choice = at('Provedores, em ordem de preferência');
export const routing = at('Roteamento inteligente (semeia as regras na primeira partida)');
export const mock = at('Modo de teste de integração (não chama fornecedor nenhum)');
export const privacy = at('Catálogo e privacidade');

export const flag = (notes: VariableNotes, value: boolean) => Type.Boolean({ ...notes, default: value });
export const text = (notes: VariableNotes) => Type.Optional(Type.String({ ...notes, minLength: 1, maxLength: 4096 }));
export const list = (notes: VariableNotes, value: string[]) => Type.Array(Type.String(), { ...notes, default: value });
export const whole = (notes: VariableNotes, minimum: number, maximum: number, value: number) =>
  Type.Integer({ ...notes, minimum, maximum, default: value });
export const number = (notes: VariableNotes, minimum: number, maximum: number, value: number) =>
  Type.Number({ ...notes, minimum, maximum, default: value });
/** A listening setting as a variable: absent, it leaves the layer below as it is, so its default is only an example. */
export function vad<T extends TSchema>(notes: VariableNotes, schema: T) {
  const { default: builtIn, ...rest } = schema as T & { default: unknown };
  return Type.Optional({ ...rest, ...notes, examples: [builtIn] } as unknown as T);
}
