/** A `content` entry of an answer with one example, as OpenAPI has it. */
export function jsonExample(schema: object, example: unknown) {
  return { 'application/json': { schema, examples: { example: { value: example } } } }
}
