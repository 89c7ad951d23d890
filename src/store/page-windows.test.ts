import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pageWindows } from './page-windows.ts'

const NOW = Date.UTC(2026, 10, 23)
const instant = fc.oneof(fc.integer({ min: 0, max: NOW }), fc.integer({ min: NOW - 10_000_000, max: NOW + 10_000_000 }))

test('windows cover the asked time once, newest first, each on the right side of the border, in a dozen queries', () => {
  fc.assert(
    fc.property(instant, fc.oneof(instant, fc.constant(Number.POSITIVE_INFINITY)), instant, (fromMs, toMs, borderMs) => {
      const windows = [...pageWindows({ fromMs, toMs, borderMs, nowMs: NOW })]
      if (fromMs >= toMs) {
        expect(windows).toEqual([])
        return
      }
      expect(windows[0]?.toMs).toBe(toMs)
      expect(windows.at(-1)?.fromMs).toBe(fromMs)
      expect(windows.slice(1).map((window) => window.toMs)).toEqual(windows.slice(0, -1).map((window) => window.fromMs))
      for (const window of windows) {
        expect(window.fromMs).toBeLessThan(window.toMs)
        if (window.source === 'live') expect(window.fromMs).toBeGreaterThanOrEqual(borderMs)
        else expect(window.toMs).toBeLessThanOrEqual(borderMs)
      }
      expect(windows.length).toBeLessThanOrEqual(18)
    }),
  )
})

test('the first window is small on both sides of the border', () => {
  const [live] = pageWindows({ fromMs: 0, toMs: Number.POSITIVE_INFINITY, borderMs: NOW - 7_200_000, nowMs: NOW })
  expect(live).toEqual({ source: 'live', fromMs: NOW - 30_000, toMs: Number.POSITIVE_INFINITY })
  const [settled] = pageWindows({ fromMs: 0, toMs: NOW - 7_200_000, borderMs: NOW - 7_200_000, nowMs: NOW })
  expect(settled).toEqual({ source: 'settled', fromMs: NOW - 10_800_000, toMs: NOW - 7_200_000 })
})
