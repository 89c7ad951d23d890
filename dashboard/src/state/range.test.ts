import { expect, test } from 'vitest'
import { rangeChanges, rangeOf, rangeQuery } from './range.ts'
import { changed, pageUrl } from './url.ts'

const NOW = Date.parse('2026-05-04T14:22:07.000Z')
const of = (query: string) => rangeOf(new URLSearchParams(query), NOW)

test('a URL without a range, or with one that does not exist, means the last day', () => {
  expect(rangeQuery(of(''))).toEqual({
    from: '2026-05-03T14:22:07.000Z',
    to: '2026-05-04T14:22:07.000Z',
  })
  expect(of('last=5y')).toEqual(of(''))
  expect(of('from=yesterday')).toEqual(of(''))
})

test('a relative range stays relative in a link, a chosen one stays where it is', () => {
  expect(rangeChanges(of('last=7d'))).toEqual({ last: '7d', from: null, to: null })
  const chosen = of('from=2026-05-01T00:00:00.000Z&to=2026-05-02T00:00:00.000Z')
  expect(chosen.last).toBeNull()
  expect(rangeChanges(chosen)).toEqual({
    last: null,
    from: '2026-05-01T00:00:00.000Z',
    to: '2026-05-02T00:00:00.000Z',
  })
})

test('a start without an end reaches to now', () => {
  expect(of('from=2026-05-04T14:00:00Z').toMs).toBe(NOW)
})

test('changes replace and remove parameters and leave the others as they are', () => {
  const query = new URLSearchParams('model=a&model=b&status=4xx')
  const url = pageUrl('/ui/audit', changed(query, { model: ['c', 'd'], status: null, last: '1h' }))
  expect(url).toBe('/ui/audit?model=c&model=d&last=1h')
  expect(query.getAll('model')).toEqual(['a', 'b'])
  expect(pageUrl('/ui/audit', new URLSearchParams())).toBe('/ui/audit')
})
