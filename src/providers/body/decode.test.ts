import zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunks } from '../fixtures/play.ts'
import { zstdBomb } from '../fixtures/zstd.ts'
import { createDecoder } from './decode.ts'

const ENCODERS: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  identity: (bytes) => Buffer.from(bytes),
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  GZIP: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
}

interface Decoded {
  readonly text: Buffer
  readonly broken: boolean
}

function decode(
  encoding: string | null,
  bytes: Uint8Array,
  sizes: number | readonly number[] | null,
  incremental: boolean,
): Promise<Decoded> {
  const pieces: Buffer[] = []
  const decoder = createDecoder(encoding, {
    incremental,
    onBytes: (piece) => pieces.push(Buffer.from(piece)),
  })
  if (!decoder) throw new Error(`${encoding} is not readable`)
  for (const chunk of chunks(bytes, sizes)) decoder.write(Buffer.from(chunk.buffer))
  return new Promise((resolve) =>
    decoder.end((broken) => resolve({ text: Buffer.concat(pieces), broken })),
  )
}

describe('a compressed body', () => {
  test.each(Object.keys(ENCODERS))(
    'in %s is what was compressed, wherever it is cut',
    async (encoding) => {
      const bodies = fc.uint8Array({ maxLength: 3_000 })
      const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 })
      await fc.assert(
        fc.asyncProperty(bodies, sizes, fc.boolean(), async (body, cuts, incremental) => {
          const { text, broken } = await decode(
            encoding,
            ENCODERS[encoding]?.(body) ?? body,
            cuts,
            incremental,
          )
          expect(broken).toBe(false)
          expect(text.equals(body)).toBe(true)
        }),
        { numRuns: 40 },
      )
    },
  )

  test('may be deflate without its header', async () => {
    for (const incremental of [true, false]) {
      const { text } = await decode(
        'deflate',
        zlib.deflateRawSync('hello hello hello'),
        3,
        incremental,
      )
      expect(text.toString()).toBe('hello hello hello')
    }
  })

  test('that is cut off gives what it held so far', async () => {
    const text = Buffer.from(
      Array.from({ length: 2_000 }, (_, index) => `line ${index * 7919}\n`).join(''),
    )
    for (const [encoding, encode] of Object.entries(ENCODERS)) {
      const whole = encode(text)
      for (const incremental of [true, false]) {
        const decoded = await decode(
          encoding,
          whole.subarray(0, whole.length / 2),
          1_000,
          incremental,
        )
        expect(decoded.text.length).toBeGreaterThan(text.length / 4)
        expect(text.subarray(0, decoded.text.length).equals(decoded.text)).toBe(true)
      }
    }
  })

  test('that is damaged is broken', async () => {
    const damaged = Buffer.concat([
      zlib.gzipSync('whole').subarray(0, 10),
      Buffer.from('not deflated at all'),
    ])
    for (const incremental of [true, false])
      expect((await decode('gzip', damaged, 4, incremental)).broken).toBe(true)
  })

  test('that was sent plain all the same is read as it stands', async () => {
    for (const encoding of ['gzip', 'br', 'deflate'])
      for (const incremental of encoding === 'gzip' ? [true, false] : [false]) {
        const { text, broken } = await decode(
          encoding,
          Buffer.from('{"model":"gpt-4o"}'),
          4,
          incremental,
        )
        expect([text.toString(), broken]).toEqual(['{"model":"gpt-4o"}', false])
      }
  })

  test('in several codings is undone from the last to the first', async () => {
    const twice = zlib.brotliCompressSync(zlib.gzipSync('hello'))
    for (const incremental of [true, false])
      expect((await decode('gzip, br', twice, 3, incremental)).text.toString()).toBe('hello')
    expect(
      (await decode('identity, gzip, identity', zlib.gzipSync('hello'), 3, false)).text.toString(),
    ).toBe('hello')
  })

  test('that is large, or grows beyond all measure, is read in pieces and stopped', {
    timeout: 30_000,
  }, async () => {
    const zeros = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024))
    let seen = 0
    let largest = 0
    const decoder = createDecoder('gzip', {
      incremental: false,
      onBytes: (bytes) => {
        seen += bytes.length
        largest = Math.max(largest, bytes.length)
      },
    })
    for (let member = 0; member < 10; member++) decoder?.write(zeros)
    const broken = await new Promise<boolean>((resolve) => decoder?.end(resolve))
    expect(broken).toBe(true)
    expect(largest).toBeLessThanOrEqual(65_536)
    expect(seen).toBeLessThanOrEqual(512 * 1024 * 1024)
  })

  test('that is small is read no further than a bound on its growth, in every encoding', async () => {
    const text = Buffer.alloc(64 * 1024 * 1024, 'a')
    const bombs = {
      gzip: zlib.gzipSync(text),
      deflate: zlib.deflateSync(text),
      br: zlib.brotliCompressSync(text),
      zstd: zstdBomb(512),
    }
    for (const [encoding, bomb] of Object.entries(bombs)) {
      let seen = 0
      const decoder = createDecoder(encoding, {
        incremental: false,
        onBytes: (bytes) => {
          seen += bytes.length
        },
      })
      decoder?.write(bomb)
      expect(await new Promise<boolean>((resolve) => decoder?.end(resolve)), encoding).toBe(true)
      expect(seen, encoding).toBeLessThanOrEqual(4 * 1024 * 1024 + 256 * bomb.length)
    }
  })

  test('in an encoding unknown here is not read', () => {
    for (const encoding of ['compress', 'gzip, foo', 'foo', 'gzip,gzip,gzip,gzip'])
      expect(createDecoder(encoding, { incremental: true, onBytes: () => {} })).toBeNull()
  })

  test('counts as pending until it is worked off, and can be let go', async () => {
    const decoder = createDecoder('gzip', { incremental: true, onBytes: () => {} })
    decoder?.write(zlib.gzipSync(Buffer.alloc(100_000)))
    expect(decoder?.pendingBytes).toBeGreaterThan(0)
    const ended = new Promise<boolean>((resolve) => decoder?.end(resolve))
    decoder?.discard()
    expect(await ended).toBe(false)
    expect(decoder?.pendingBytes).toBe(0)
  })
})
