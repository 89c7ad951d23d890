import { expect, test } from 'vitest'
import type { Observation } from './observation.ts'
import { OpenObservations } from './open-observations.ts'

const copy = (org: string, lastActiveMs: number) => ({ org, lastActiveMs }) as Observation

function opened(counts: Readonly<Record<string, number>>, lastActiveMs = 10_000) {
  const open = new OpenObservations()
  for (const [org, count] of Object.entries(counts))
    for (let id = 0; id < count; id++) open.add(`${org} ${id}`, copy(org, lastActiveMs))
  return open
}

test('the oldest copy of the organisation with most goes, and one that is stalled before it', () => {
  const open = opened({ quiet: 300, loud: 301 })
  expect(open.nextToGo(10_000)).toBe(open.get('loud 0'))
  const stalled = copy('loud', 8_000)
  for (let id = 0; id < 301; id++) open.remove(`loud ${id}`)
  open.add('stalled', stalled)
  for (let id = 0; id < 400; id++) open.add(`loud ${id}`, copy('loud', 10_000))
  expect(open.nextToGo(10_000)).toBe(stalled)
})

test('an organisation with few open copies keeps them: they are not what fills the memory', () => {
  const open = opened({ quiet: 20, attacker: 6 })
  expect(open.nextToGo(60_000)).toBeUndefined()
})
