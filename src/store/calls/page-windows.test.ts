import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PageWindow, pageWindows } from './page-windows.ts'

const instant = fc.integer({ min: 0, max: 1_000 })

async function windowsOver(
  calls: readonly number[],
  fromMs: number,
  toMs: number,
  borderMs: number,
): Promise<readonly PageWindow[]> {
  const newest = calls.toSorted((a, b) => b - a)
  const nthNewest = async (window: PageWindow, n: number) =>
    newest.filter((at) => at >= window.fromMs && at < window.toMs)[n - 1] ?? null
  const windows: PageWindow[] = []
  for await (const window of pageWindows({ fromMs, toMs, borderMs, calls: 3, nthNewest }))
    windows.push(window)
  return windows
}

test('windows cover the asked time once, newest first, each on its side of the border', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(instant),
      instant,
      fc.oneof(instant, fc.constant(Number.POSITIVE_INFINITY)),
      instant,
      async (calls, fromMs, toMs, borderMs) => {
        const windows = await windowsOver(calls, fromMs, toMs, borderMs)
        if (fromMs >= toMs) {
          expect(windows).toEqual([])
          return
        }
        expect(windows[0]?.toMs).toBe(toMs)
        expect(windows.at(-1)?.fromMs).toBe(fromMs)
        expect(windows.slice(1).map((window) => window.toMs)).toEqual(
          windows.slice(0, -1).map((window) => window.fromMs),
        )
        for (const window of windows) {
          expect(window.fromMs).toBeLessThan(window.toMs)
          if (window.source === 'live') expect(window.fromMs).toBeGreaterThanOrEqual(borderMs)
          else expect(window.toMs).toBeLessThanOrEqual(borderMs)
        }
      },
    ),
  )
})

test('a busy organisation reads little, an idle one needs one query on each side', async () => {
  const busy = Array.from({ length: 1_000 }, (_, ms) => ms)
  expect((await windowsOver(busy, 0, Number.POSITIVE_INFINITY, 500))[0]).toEqual({
    source: 'live',
    fromMs: 997,
    toMs: Number.POSITIVE_INFINITY,
  })
  expect(await windowsOver([400, 600], 0, Number.POSITIVE_INFINITY, 500)).toHaveLength(2)
})
