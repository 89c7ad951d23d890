import querystring from 'node:querystring'
import AjvCompiler from '@fastify/ajv-compiler'
import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { VALIDATION } from '../body-validation.ts'
import { validationMessage } from '../validation-message.ts'
import { type FilterQuery, FilterQueryProperties } from './filter-query.ts'

const FilterTextSchema = Type.Object(FilterQueryProperties, { additionalProperties: false })

/**
 * A filter as text: the query of `GET /v1/audit`, `model=gpt-4o*&outcome=!complete`, and so what
 * stands behind the `?` of a list in the dashboard. Throws invalid_request naming the parameter that
 * is not right.
 */
export function filterQueryOf(text: string): FilterQuery {
  const validate = AjvCompiler()({}, { customOptions: VALIDATION })({ schema: FilterTextSchema })
  // It turns texts into what the schema says, in place.
  const query: FilterQuery = { ...querystring.parse(text.replace(/^\?/, '')) }
  if (validate(query)) return query
  const [first] = validate.errors ?? []
  throw new FlintError(
    'invalid_request',
    first === undefined ? undefined : validationMessage(first, 'querystring'),
  )
}
