import type { FastifyError } from 'fastify'

/** The first finding of AJV, as Fastify hands it on. */
export type Validation = NonNullable<FastifyError['validation']>[number]

const PLACES: Readonly<Record<string, string>> = {
  querystring: 'query parameter',
  params: 'path parameter',
  body: 'field',
  headers: 'header',
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number',
  array: 'a list',
  object: 'an object',
}

/** JSON Schema's `type` is one name or several. */
function typeRule(type: unknown): string {
  return `must be ${[type]
    .flat()
    .map((name) => TYPE_NAMES[String(name)] ?? String(name))
    .join(' or ')}`
}

/** The sentence of an error that AJV found: which part of the request, and what it must be. */
export function validationMessage(
  { keyword, instancePath, params, message = 'is not valid' }: Validation,
  context: string | undefined,
): string {
  const place = PLACES[context ?? ''] ?? 'field'
  if (keyword === 'additionalProperties')
    return `Unknown ${place} "${String(params.additionalProperty)}".`
  if (keyword === 'required') return `The ${place} "${String(params.missingProperty)}" is missing.`
  let rule = message
  if (keyword === 'enum' && Array.isArray(params.allowedValues))
    rule = `must be one of ${params.allowedValues.join(', ')}`
  else if (keyword === 'type' && context === 'body' && instancePath !== '')
    rule = typeRule(params.type)
  const steps = instancePath.slice(1).split('/')
  // A query has names alone: which of the values of a repeated one it is shows in the rule.
  const name = context === 'querystring' ? (steps[0] ?? '') : steps.join('.')
  return name === '' ? `The ${context ?? 'request'} ${rule}.` : `The ${place} "${name}" ${rule}.`
}
