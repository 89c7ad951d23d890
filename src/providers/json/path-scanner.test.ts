import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunks } from '../fixtures/play.ts'
import { JsonPathScanner } from './path-scanner.ts'
import type { JsonState } from './path-sink.ts'
import { jsonPaths } from './paths.ts'

const PATHS = ['model', 'usage', 'list[].reason', 'deep.er.name', 'pair[].x.y']

interface Picked {
  readonly documents: readonly (readonly (string | null | undefined)[])[]
  readonly state: JsonState
}

function pick(
  text: string | Uint8Array,
  sizes: number | readonly number[] | null = null,
  elements = false,
): Picked {
  const documents: (string | null | undefined)[][] = []
  let values: (string | null | undefined)[] = []
  const picker = new JsonPathScanner(
    jsonPaths(PATHS),
    {
      value: (slot, json) => {
        values[slot] = json
      },
      document: () => {
        documents.push(Array.from({ length: PATHS.length }, (_, slot) => values[slot]))
        values = []
      },
    },
    { elements },
  )
  for (const chunk of chunks(Buffer.from(text), sizes)) picker.write(Buffer.from(chunk.buffer))
  return { documents, state: picker.end() }
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
const strings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\\"', '}{][', 'é', '😀', '\u2028', 'a\\"b'),
)
const noise = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(
      strings,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(strings, fc.constantFrom('model', 'usage', 'reason')), tie('value'), {
      maxKeys: 3,
    }),
  ),
})).value
const documents = fc.record(
  {
    noise,
    model: noise,
    'mod"el': noise,
    usage: noise,
    list: fc.oneof(
      noise,
      fc.array(fc.oneof(noise, fc.record({ reason: noise })), { maxLength: 3 }),
    ),
    deep: fc.oneof(noise, fc.record({ er: fc.record({ name: noise, other: noise }) })),
    pair: fc.array(fc.record({ x: fc.record({ y: noise }) }), { maxLength: 2 }),
    end: noise,
  },
  { requiredKeys: [] },
)
const spacing = fc.constantFrom(undefined, 1, '\t')

/** What the paths select of a parsed document: the last value that is not null. */
function selected(document: unknown): (string | undefined)[] {
  return PATHS.map((path) => {
    let values: unknown[] = [document]
    for (const step of path.split(/\.|(?=\[\])/)) {
      values = values.flatMap((value) => {
        if (step === '[]') return Array.isArray(value) ? value : []
        return typeof value === 'object' &&
          value !== null &&
          !Array.isArray(value) &&
          Object.hasOwn(value, step)
          ? [Reflect.get(value, step)]
          : []
      })
    }
    const last = values.findLast((value) => value !== null)
    return last === undefined ? undefined : JSON.stringify(last)
  })
}

const compact = (json: string | null | undefined) =>
  json == null ? undefined : JSON.stringify(JSON.parse(json))

describe('picking values out of JSON', () => {
  test('finds what JSON.parse finds, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(documents, spacing, sizes, (document, space, cuts) => {
        const { documents: seen, state } = pick(JSON.stringify(document, null, space), cuts)
        expect(state).toBe('complete')
        expect(seen.map((values) => values.map(compact))).toEqual([selected(document)])
      }),
      { numRuns: 500 },
    )
  })

  test('finds each element of a root array, if asked to', () => {
    fc.assert(
      fc.property(
        fc.array(documents, { maxLength: 4 }),
        spacing,
        sizes,
        (elements, space, cuts) => {
          const { documents: seen, state } = pick(JSON.stringify(elements, null, space), cuts, true)
          expect(state).toBe('complete')
          expect(seen.map((values) => values.map(compact))).toEqual(elements.map(selected))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('calls any beginning of a document truncated and still gives what it held', () => {
    const text = JSON.stringify({
      model: 'm',
      noise: ['"', { a: 1.5 }],
      usage: { a: '}' },
      list: [{ reason: 'stop' }],
    })
    for (let cut = 1; cut < text.length; cut++)
      expect([cut, pick(text.slice(0, cut)).state]).toEqual([cut, 'truncated'])
    expect(pick(' \n').state).toBe('empty')
    expect(pick('{}').state).toBe('complete')
    expect(pick('12').state).toBe('complete')
  })

  test.each([
    '<html>',
    '{"model" "x"}',
    '{"a":1,}',
    '{"a":1]',
    '{a:1}',
    '{"a":tru}',
    '{"a":nulL}',
    '{} {}',
    '{"a":1}}',
    ']',
    '{"model":"x",,',
    '[1,2}',
  ])('calls %s malformed', (text) => {
    for (const size of [null, 1, 2]) expect(pick(text, size, true).state).toBe('malformed')
  })

  test('knows a name that is written with escapes', () => {
    for (const size of [null, 1, 3])
      expect(pick('{"\\u006dod\\u0065l":"m"}', size).documents[0]?.[0]).toBe('"m"')
  })

  test('drops a wanted value over 64 KB and says so', () => {
    const text = JSON.stringify({ model: 'x'.repeat(70_000), usage: { a: 1 } })
    for (const size of [null, 1_000, 65_536])
      expect(pick(text, size).documents[0]?.slice(0, 2)).toEqual([null, '{"a":1}'])
  })

  test('is linear in what hostile input can make it search', () => {
    const quotes = '\\"'.repeat(500_000)
    const nested = '['.repeat(1_000_000)
    const startedAt = performance.now()
    expect(pick(`{"noise":"${quotes}","model":"m"}`, 4_096).documents[0]?.[0]).toBe('"m"')
    expect(pick(`{"noise":${nested}`, 4_096).state).toBe('truncated')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
