import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EnvoyOutput } from './envoy-output.ts'

const LOG =
  '[2026-11-29 20:00:00.123][42][critical][backtrace] [./source/server/backtrace.h:127] Caught Segmentation fault'
const DUMP = [
  '  ActiveStream 0x1, stream_id_: 1',
  "      ':authority', 'flint'",
  "      'authorization', 'Bearer sk-CANARY'",
  'current slice length: 368 contents: "POST /v1/proxy/openai sk-CANARY',
  '[2026-11-29] sk-CANARY',
]

function filtered(text: string, sizes: readonly number[] = [text.length || 1]): string {
  let written = ''
  const output = new EnvoyOutput((line) => {
    written += line
  })
  const bytes = Buffer.from(text)
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    output.write(bytes.subarray(at, at + size))
    at += size
  }
  output.end()
  return written
}

test('a crash leaves its lines and frames in the log, and nothing of what was being served', () => {
  const text = [
    LOG,
    ...DUMP,
    LOG.replace('Caught Segmentation fault', '#0: Envoy::Http [0x55]'),
  ].join('\n')
  expect(filtered(text)).toBe(
    `${LOG}\n(5 lines that are no log were left out: they may hold what was sent)\n${LOG.replace('Caught Segmentation fault', '#0: Envoy::Http [0x55]')}\n`,
  )
})

test('wherever the output is cut, and whatever stands between its lines', () => {
  const line = fc.oneof(
    fc.constant(LOG),
    fc.constantFrom(...DUMP),
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' ')),
  )
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })
  fc.assert(
    fc.property(fc.array(line), sizes, (lines, cuts) => {
      const text = lines.map((one) => `${one}\n`).join('')
      const written = filtered(text, cuts)
      expect(written).toBe(filtered(text))
      expect(written).not.toContain('CANARY')
      expect(written.split('\n').filter((one) => one === LOG)).toHaveLength(
        lines.filter((one) => one === LOG).length,
      )
    }),
  )
})

test('a line without an end costs no memory', () => {
  let written = ''
  const output = new EnvoyOutput((line) => {
    written += line
  })
  for (let piece = 0; piece < 1_000; piece++)
    output.write(Buffer.from(piece === 0 ? LOG : 'x'.repeat(10_000)))
  output.end()
  expect(written.length).toBeLessThan(5_000)
})
