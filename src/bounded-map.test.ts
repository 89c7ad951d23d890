import { expect, test } from 'vitest'
import { BoundedMap } from './bounded-map.ts'

test('a new key beyond the bound takes the place of the first one; a known key takes no one’s', () => {
  const map = new BoundedMap<string | undefined, number>(2).set(undefined, 1).set('b', 2)
  map.set('b', 3)
  expect([...map]).toEqual([
    [undefined, 1],
    ['b', 3],
  ])
  map.set('c', 4)
  expect([...map]).toEqual([
    ['b', 3],
    ['c', 4],
  ])
})
