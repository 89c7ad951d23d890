import { expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { repeat } from './repeat.ts'

test('background work is done at once and again, also after it failed, until it is stopped', async () => {
  let acts = 0
  const errors: unknown[] = []
  const stop = repeat(
    1,
    async () => {
      acts++
      if (acts <= 2) throw new Error(`fault ${acts}`)
    },
    (error) => errors.push(error),
  )
  expect(acts).toBe(1)
  await eventually(() => expect(acts).toBeGreaterThan(4))
  await stop()
  expect(errors).toEqual([new Error('fault 1'), new Error('fault 2')])
})

test('stopping waits for work that is under way', async () => {
  let finish = () => {}
  let isDone = false
  const stop = repeat(
    1,
    () =>
      new Promise<void>((resolve) => {
        finish = resolve
      }).then(() => {
        isDone = true
      }),
    () => {},
  )
  const stopped = stop()
  expect(isDone).toBe(false)
  finish()
  await stopped
  expect(isDone).toBe(true)
})
