import { expect, test } from 'vitest'
import { readContentLine } from './content-line.ts'

const document = {
  kind: 'document',
  org: 'org_1',
  record_id: 'id',
  sha256: 'ab',
  provider: 'openai',
  body: '{}',
}
const attachment = { kind: 'attachment', org: 'org_1', record_id: 'id', sha256: 'ab', base64: '' }
const read = (value: unknown) => readContentLine(Buffer.from(`${JSON.stringify(value)}\n`))

test('a line of the content spool is read with all of its members, or not at all', () => {
  expect(read(document)).toEqual(document)
  expect(read(attachment)).toEqual(attachment)
  for (const value of [
    null,
    [],
    { ...document, kind: 'other' },
    { ...document, body: 7 },
    { ...document, provider: 'No Name' },
    { ...attachment, org: null },
  ])
    expect(read(value)).toBeNull()
  expect(readContentLine(Buffer.from('{"kind":"docu'))).toBeNull()
})
