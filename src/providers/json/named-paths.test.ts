import { describe, expect, test } from 'vitest'
import { namedPaths, within } from './named-paths.ts'

describe('namedPaths', () => {
  test('numbers paths in the order in which they are written, through groups and lists', () => {
    const { list, at } = namedPaths({
      model: 'model',
      wrapped: { model: 'response.model' },
      containers: ['a.id', 'b.id'],
      error: 'error',
    })
    expect(list).toEqual(['model', 'response.model', 'a.id', 'b.id', 'error'])
    expect(at).toEqual({ model: 0, wrapped: { model: 1 }, containers: [2, 3], error: 4 })
  })

  test('gives each name the slot of its own path', () => {
    const { list, at } = namedPaths({
      first: within('x', { id: 'id', name: 'name' }),
      second: within('y', { id: 'id' }),
    })
    expect([list[at.first.id], list[at.first.name], list[at.second.id]]).toEqual([
      'x.id',
      'x.name',
      'y.id',
    ])
  })
})
