import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import { AuditRecordSchema, type PublicRecord } from './record-schema.ts'

const NAMES = Object.keys(AuditRecordSchema.properties)

/** A record of a list: whole, or with the fields that the request chose. */
export const ListedRecordSchema = Type.Unsafe<Partial<PublicRecord>>({
  anyOf: [{ $ref: 'AuditRecord#' }, { $ref: 'AuditRecordPart#' }],
})

/** Registered beside the whole record. */
export const AuditRecordPartSchema = Type.Object(
  Object.fromEntries(
    Object.entries(AuditRecordSchema.properties).map(([name, schema]) => [
      name,
      Type.Optional(schema),
    ]),
  ),
  { $id: 'AuditRecordPart', description: 'A record with the fields that `fields` names.' },
)

export const FieldsSchema = Type.Optional(
  Type.Unsafe<readonly string[]>({
    type: 'array',
    minItems: 1,
    maxItems: NAMES.length,
    description:
      'Only these fields of the records: names with commas between them, or repeated. Default: all.',
    examples: [['requestId,model,costUsd']],
    // No greatest length: all the names fit into one value, and into 16 KiB of a request's head.
    items: { type: 'string', minLength: 1 },
  }),
)

/** The names a request asks for, each once; throws invalid_request for one that records lack. */
export function toFields(texts: readonly string[]): readonly string[] {
  const names = [...new Set(texts.flatMap((text) => text.split(',')))]
  const unknown = names.find((name) => !NAMES.includes(name))
  if (unknown !== undefined)
    throw new FlintError(
      'invalid_request',
      `The query parameter "fields" names "${unknown}", which is no field of a record.`,
    )
  return names
}

/** The record with these fields alone; null: all. */
export function pickFields(
  record: PublicRecord,
  names: readonly string[] | null,
): Partial<PublicRecord> {
  if (names === null) return record
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)))
}
