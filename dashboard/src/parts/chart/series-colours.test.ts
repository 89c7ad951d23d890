import { expect, test } from 'vitest'
import { OTHER_COLOUR, seriesColours } from './series-colours.ts'

const KEYS = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5', 'claude-haiku-4-5', 'gemini-2.5-flash']

test('no two keys have one colour', () => {
  expect(new Set(seriesColours(KEYS).values()).size).toBe(KEYS.length)
})

test('a key keeps its colour when others come and go', () => {
  const before = seriesColours(KEYS)
  const after = seriesColours(['a-new-model', 'another', ...KEYS.slice(1).reverse()], before)
  for (const key of KEYS.slice(1)) expect(after.get(key)).toBe(before.get(key))
})

test('the same key has the same colour on a page that is opened anew', () => {
  expect(seriesColours(['gpt-4o'])).toEqual(seriesColours(['gpt-4o']))
})

test('more keys than colours: the last ones are grey', () => {
  const keys = Array.from({ length: 8 }, (_, n) => `model-${n}`)
  const colours = [...seriesColours(keys).values()]
  expect(colours.filter((colour) => colour === OTHER_COLOUR)).toHaveLength(2)
  expect(colours.slice(6)).toEqual([OTHER_COLOUR, OTHER_COLOUR])
})
