import AjvCompiler from '@fastify/ajv-compiler'
import { compiledOnce } from './compiled-once.ts'

/**
 * Queries, paths and headers come as text; what a schema does not name is refused, not dropped: a
 * misspelt filter must not widen an answer. A parameter that may be repeated is a list also where it
 * comes once.
 */
export const VALIDATION = { removeAdditional: false, coerceTypes: 'array' } as const

type Route = Parameters<ReturnType<AjvCompiler.BuildCompilerFromPool>>[0]

const buildAjv = AjvCompiler()

/**
 * For Fastify's `schemaController`. A JSON body has types of its own: there `"overlapSeconds":
 * null` is not 0, which would end a key at once. All other parts of a request are text, and are
 * turned into what their schema says.
 */
export const buildValidator: AjvCompiler.BuildCompilerFromPool = compiledOnce(
  (...[schemas, options]: Parameters<AjvCompiler.BuildCompilerFromPool>) => {
    const coercing = buildAjv(schemas, options)
    const strict = buildAjv(schemas, { customOptions: { ...VALIDATION, coerceTypes: false } })
    return (route) => (isBody(route) ? strict(route) : coercing(route))
  },
  (route) => [isBody(route), typeof route === 'object' ? route['schema'] : route],
)

// What the types call a schema is the route's: `{ schema, method, url, httpPart }`.
function isBody(route: Route): boolean {
  return typeof route === 'object' && route['httpPart'] === 'body'
}
