import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunks } from '../fixtures/play.ts'
import { zstdBomb, zstdOfWindow, zstdStored } from '../fixtures/zstd.ts'
import { createDecoder } from './decode.ts'

// Made by the reference encoder: level 3 with a checksum, level 19 without, level 22 with the
// largest window allowed.
const REFERENCE = [
  'KLUv/QRY7QIAksUSGKA3HWTE38lAW2n7n2UrVgUZqSYs7c1BGMastQDWRBPSjysFB6pEjeJGTFkYqUMCtSJGKeliJVqrlcO7HLsfMi/c87DgMp0cO9rgBAC2mgfPNuq5mS8mONQTWFOfng==',
  'KLUv/QBozQIAksUREaBvmETN/r5PVwDEEaZIVDorAOSci2kKvcU/XyVktUWT8Q5hpMNVRS61aecqvsamRbdpl/cbB4MeKfATPT2+EKX+gnno1gMEALaaB8826rmZLyY41BM=',
  'KLUv/QRozQIAksUREaBvmETN/r5PVwDEEaZIVDorAOSci2kKvcU/XyVktUWT8Q5hpMNVRS61aecqvsamRbdpl/cbB4MeKfATPT2+EKX+gnno1gMEALaaB8826rmZLyY41BNYU5+e',
].map((text) => Buffer.from(text, 'base64'))
const EVENT =
  'event: message_start\ndata: {"type":"message_start","message":{"model":"claude-sonnet-5","usage":{"input_tokens":9}}}\n\n'
const TEXT = EVENT.repeat(30)

function decode(
  bytes: Uint8Array,
  sizes: number | readonly number[] | null = null,
): Promise<{ text: Buffer; broken: boolean }> {
  const pieces: Buffer[] = []
  const decoder = createDecoder('zstd', {
    incremental: true,
    onBytes: (piece) => pieces.push(Buffer.from(piece)),
  })
  for (const chunk of chunks(bytes, sizes)) decoder?.write(Buffer.from(chunk.buffer))
  return new Promise((resolve) =>
    decoder?.end((broken) => resolve({ text: Buffer.concat(pieces), broken })),
  )
}

test('what the reference encoder made is what it was, wherever it is cut', async () => {
  for (const bytes of REFERENCE) {
    for (const size of [null, 1, 2, 7, 50]) {
      const { text, broken } = await decode(bytes, size)
      expect([text.toString(), broken]).toEqual([TEXT, false])
    }
  }
})

test('frames one after another, of any size and blocks, are one body', async () => {
  const body = fc.uint8Array({ maxLength: 600 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(body, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 60 }),
      async (bodies, block, size) => {
        const { text, broken } = await decode(
          Buffer.concat(bodies.map((each) => zstdStored(each, block))),
          size,
        )
        expect([text.equals(Buffer.concat(bodies)), broken]).toEqual([true, false])
      },
    ),
  )
})

test('a body that is cut gives what came before the cut', async () => {
  const whole = zstdStored(Buffer.from(TEXT), 100)
  for (let at = 0; at < whole.length; at += 37) {
    const { text, broken } = await decode(whole.subarray(0, at))
    expect([TEXT.startsWith(text.toString()), broken, text.length >= at * 0.9 - 150]).toEqual([
      true,
      false,
      true,
    ])
  }
})

test('neither a bomb nor a frame that wants gigabytes is decoded', async () => {
  const bomb = await decode(zstdBomb(20_000))
  expect(bomb.broken).toBe(true)
  expect(bomb.text.length).toBeLessThanOrEqual(64 * 1024 * 1024)
  expect(await decode(zstdOfWindow(12))).toMatchObject({ broken: false })
  expect(await decode(zstdOfWindow(20))).toMatchObject({ broken: true })
  // Not only the first frame's header is looked at.
  const second = await decode(Buffer.concat([zstdStored(Buffer.from('{}')), zstdOfWindow(20)]))
  expect(second.broken).toBe(true)
  expect((await decode(Buffer.from('this was never zstd'))).broken).toBe(true)
})
