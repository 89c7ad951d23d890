import { Type } from 'typebox'
import { Value } from 'typebox/value'

/** What an event says of its subject, and the state that it left it in. */
export type Fields = Readonly<Record<string, unknown>>
const FieldsSchema = Type.Record(Type.String(), Type.Unknown())

export const isFields = (value: unknown): value is Fields => Value.Check(FieldsSchema, value)

/** The object that a text of an event holds. */
export function parseFields(text: string): Fields {
  const value: unknown = JSON.parse(text)
  if (isFields(value)) return value
  throw new Error('an event holds something else than an object')
}
