import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunks } from '../fixtures/play.ts'
import { JsonUnicode } from './unicode.ts'

const swap = (bytes: Buffer) => Buffer.from(bytes).swap16()
const utf32 = (text: string, littleEndian: boolean) => {
  const points = [...text].map((character) => character.codePointAt(0) ?? 0)
  const bytes = Buffer.alloc(points.length * 4)
  for (const [index, point] of points.entries()) {
    if (littleEndian) bytes.writeUInt32LE(point, index * 4)
    else bytes.writeUInt32BE(point, index * 4)
  }
  return bytes
}
const ENCODERS: Readonly<Record<string, (text: string) => Buffer>> = {
  'utf-8': (text) => Buffer.from(text),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'utf-16be': (text) => swap(Buffer.from(text, 'utf16le')),
  'utf-32le': (text) => utf32(text, true),
  'utf-32be': (text) => utf32(text, false),
}

test.each(Object.keys(ENCODERS))(
  'JSON in %s is read, with and without its mark, wherever it is cut',
  (encoding) => {
    const json = fc
      .tuple(fc.json(), fc.string({ unit: 'grapheme' }))
      .map(([value, text]) => `{"text":${JSON.stringify(text)},"value":${value}}`)
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(json, sizes, fc.boolean(), (text, cuts, marked) => {
        const pieces: Buffer[] = []
        const unicode = new JsonUnicode((bytes) => pieces.push(Buffer.from(bytes)))
        const bytes = ENCODERS[encoding]?.(`${marked ? '\ufeff' : ''}${text}`) ?? Buffer.alloc(0)
        for (const chunk of chunks(bytes, cuts)) unicode.write(Buffer.from(chunk))
        unicode.end()
        expect(Buffer.concat(pieces).toString()).toBe(text)
      }),
    )
  },
)
