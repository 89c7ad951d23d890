import AjvCompiler from '@fastify/ajv-compiler'

/**
 * Queries, paths and headers come as text; what a schema does not name is refused, not dropped: a
 * misspelt filter must not widen an answer. A parameter that may be repeated is a list also where it
 * comes once.
 */
export const VALIDATION = { removeAdditional: false, coerceTypes: 'array' } as const

const build = AjvCompiler()

/**
 * For Fastify's `schemaController`. A JSON body has types of its own: there `"overlapSeconds":
 * null` is not 0, which would end a key at once. All other parts of a request are text, and are
 * turned into what their schema says.
 */
export const buildValidator: AjvCompiler.BuildCompilerFromPool = (schemas, options) => {
  const coercing = build(schemas, options)
  const strict = build(schemas, { customOptions: { ...VALIDATION, coerceTypes: false } })
  // What the types call a schema is the route's: `{ schema, method, url, httpPart }`.
  return (route) =>
    typeof route === 'object' && route['httpPart'] === 'body' ? strict(route) : coercing(route)
}
