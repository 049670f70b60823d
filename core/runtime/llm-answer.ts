import { Ajv, type ValidateFunction } from 'ajv';
import { type LlmRequest, type LlmResult, ProviderError } from '../contracts/index.ts';

/** Compiled once per schema object; gone with it. */
const compiled = new WeakMap<object, ValidateFunction>();

/** A model's answer as data the caller may rely on. Throws `output` for whatever another candidate may do better. */
export function readAnswer<T>(request: LlmRequest, result: LlmResult, validate: (value: unknown) => T): T {
  refuseUnfinished(result);
  const value = request.schema ? checked(request.schema.schema, parse(result.text)) : result.text;
  try {
    return validate(value);
  } catch {
    throw output('a resposta não passou na validação');
  }
}

function refuseUnfinished(result: LlmResult): void {
  if (typeof result !== 'object' || result === null || typeof result.text !== 'string')
    throw output('resposta sem texto');
  if (result.finish === 'length') throw output('resposta cortada no limite');
  if (result.finish === 'refusal' || result.finish === 'filter') throw output('o modelo recusou responder');
}

/** Models without enforced structure wrap JSON in a code fence: that is still JSON. */
function parse(text: string): unknown {
  const bare = text
    .trim()
    .replace(/^```(?:json)?\s*/i, '')
    .replace(/\s*```$/, '');
  try {
    return JSON.parse(bare);
  } catch {
    throw output('a resposta não é JSON');
  }
}

function checked(schema: Record<string, unknown>, value: unknown): unknown {
  const validate = compiled.get(schema) ?? new Ajv({ strict: false, validateFormats: false }).compile(schema);
  compiled.set(schema, validate);
  if (!validate(value)) throw output('a resposta não segue o esquema');
  return value;
}

/** Never quotes the answer: it may hold what a customer said. */
function output(message: string): ProviderError {
  return new ProviderError({ code: 'output', message });
}
