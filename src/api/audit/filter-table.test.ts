import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RANGE_FILTERS, VALUE_FILTERS } from '../../store/calls/call-filters.ts'
import { AuditRecordSchema } from './record-schema.ts'

const KINDS = {
  equal: 'text',
  prefix: 'text, `*`',
  status: '`429`, `4xx`',
  boolean: '`true`, `false`',
  tag: '`name:value`',
  count: 'whole number',
  decimal: 'decimal',
  time: 'ISO 8601',
} as const

const code = (text: string | number) => `\`${text}\``
const filters = [
  ...RANGE_FILTERS.map((row) => ({ ...row, kind: row.of, values: undefined })),
  ...VALUE_FILTERS,
]

test('docs/api.md has the table of all filters', () => {
  const table = [
    '| parameter | values | | e.g. |',
    '|---|---|---|---|',
    ...filters.map(({ name, kind, values, description, examples }) => {
      const what = values === undefined ? KINDS[kind] : values.map(code).join(', ')
      return `| ${code(name)} | ${what} | ${description} | ${examples.map(code).join(', ')} |`
    }),
  ].join('\n')
  const document = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8')
  expect(document, 'paste the table of this test into docs/api.md').toContain(table)
})

test('each filter is about what records have, and has a name of its own', () => {
  const fields = [...Object.keys(AuditRecordSchema.properties), 'failed']
  for (const { field } of [...RANGE_FILTERS, ...VALUE_FILTERS.flatMap(({ columns }) => columns)])
    expect(fields).toContain(field)
  expect(new Set(filters.map(({ name }) => name)).size).toBe(filters.length)
})
