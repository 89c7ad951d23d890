import { expect, test } from 'vitest'
import { callsLink, having, havingNoneOf } from './calls-link.ts'

const calls = {
  filters: new URLSearchParams('provider=openai&recordModel=gpt*'),
  from: '2026-05-04T00:00:00.000Z',
  to: Date.parse('2026-05-05T00:00Z'),
  tz: null,
}
const query = (url: string) => new URLSearchParams(url.split('?')[1])

test('a number leads to its calls: the filters of the page and both ends of its range', () => {
  expect(callsLink(calls)).toBe(
    '/ui/audit?from=2026-05-04T00:00:00.000Z&to=2026-05-05T00:00:00.000Z&provider=openai&recordModel=gpt*',
  )
})

test('the zone that a link of the page names goes along', () => {
  expect(query(callsLink({ ...calls, tz: 'Asia/Kathmandu' })).get('tz')).toBe('Asia/Kathmandu')
})

test('a model of the sums is that of the record, not the one that was asked for', () => {
  expect(having('model', 'gpt-4o')).toEqual({ name: 'recordModel', values: ['gpt-4o'] })
})

test('a value takes the place of a wider filter', () => {
  const model = having('model', 'gpt-4o')
  expect(query(callsLink(calls, model === null ? [] : [model])).getAll('recordModel')).toEqual([
    'gpt-4o',
  ])
})

test('all others are none of the named ones, and still what the page filters', () => {
  const others = havingNoneOf('model', ['gpt-4o', null])
  if (others === null) throw new Error('there is no such filter')
  expect(query(callsLink(calls, [others])).getAll('recordModel')).toEqual(['gpt*', '!gpt-4o', '*'])
})

test('a value that looks like a negation or a prefix is neither', () => {
  expect(having('model', '!mine*')?.values).toEqual(['\\!mine\\*'])
  expect(having('keyId', 'a*')?.values).toEqual(['a*'])
})

test('calls without a model or a status can be listed, those without a key cannot', () => {
  expect(having('model', null)?.values).toEqual(['!*'])
  expect(having('status', null)?.values).toContain('!4xx')
  expect(having('keyId', null)).toBeNull()
})

test('the calls of a tag’s value can be listed, and all others unless those without it are a group', () => {
  expect(having('tag:team', 'search')).toEqual({ name: 'tag', values: ['team:search'] })
  expect(having('tag:team', null)).toBeNull()
  expect(havingNoneOf('tag:team', ['search', 'legal'])).toEqual({
    ...{ name: 'tag', values: ['!team:search', '!team:legal'], isMore: true },
  })
  expect(havingNoneOf('tag:team', ['search', null])).toBeNull()
})
