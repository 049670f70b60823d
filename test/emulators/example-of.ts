/** The parts of JSON Schema that strict structured output takes. */
export interface JsonSchema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  minItems?: number;
  minimum?: number;
}

/** The smallest value that follows `schema`. */
export function exampleOf(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf?.[0]) return exampleOf(schema.anyOf[0]);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, each]) => [name, exampleOf(each)]));
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => exampleOf(schema.items ?? {}));
    case 'string':
      return 'texto';
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return false;
    default:
      return null;
  }
}

/** Why strict mode refuses a schema: every object must close itself and require all it has. Undefined when it does not. */
export function schemaFault(schema: JsonSchema): string | undefined {
  if (schema.properties) {
    if (schema.additionalProperties !== false) return "'additionalProperties' is required to be false.";
    const missing = Object.keys(schema.properties).find((name) => !schema.required?.includes(name));
    if (missing) return `'required' is required to include every key: missing '${missing}'.`;
  }
  const parts = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...(schema.items ? [schema.items] : []),
  ];
  return parts.map(schemaFault).find((fault) => fault !== undefined);
}
