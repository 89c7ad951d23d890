import { expect, test } from 'vitest'
import { AGENTS_OF_ANY_PROVIDER, AGENTS_OF_ONE_PROVIDER } from './coding-agents.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { SET_UPS } from './page.ts'

test('every set-up of docs/agents.md is run by this stage', () => {
  const clients = Object.values({
    ...AGENTS_OF_ONE_PROVIDER,
    ...AGENTS_OF_ANY_PROVIDER,
    ...FRAMEWORKS,
  })
  const run = new Set(clients.flatMap(({ setUps }) => setUps))
  expect([...run].sort()).toEqual(SET_UPS.map(({ heading }) => heading).sort())
})
