import { expect, test, vi } from 'vitest'
import { compiledOnce } from './compiled-once.ts'

interface Route {
  readonly url: string
  readonly schema: object
}

test('equal schemas are compiled once for all routes and plugins, different ones are not mixed up', () => {
  const compile = vi.fn((route: Route) => JSON.stringify(route.schema))
  const build = compiledOnce(
    (_shared: object, _options: object) => compile,
    ({ schema }: Route) => schema,
  )
  const inOnePlugin = build({ Shared: 1 }, {})
  const inAnother = build({ Shared: 1 }, {})
  expect(inOnePlugin({ url: '/v1/a', schema: { type: 'string' } })).toBe('{"type":"string"}')
  expect(inAnother({ url: '/ui/v1/a', schema: { type: 'string' } })).toBe('{"type":"string"}')
  expect(compile).toHaveBeenCalledTimes(1)
  expect(inAnother({ url: '/v1/b', schema: { type: 'number' } })).toBe('{"type":"number"}')
  expect(compile).toHaveBeenCalledTimes(2)
  build({ Shared: 2 }, {})({ url: '/v1/a', schema: { type: 'string' } })
  expect(compile).toHaveBeenCalledTimes(3)
})
