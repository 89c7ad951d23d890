import { expect, test } from 'vitest'
import { CODING_AGENTS } from './coding-agents.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { SET_UPS } from './page.ts'

test('every set-up of docs/agents.md is run by this stage', () => {
  const clients = Object.values({ ...CODING_AGENTS, ...FRAMEWORKS })
  const run = new Set(clients.flatMap(({ setUps }) => setUps))
  expect([...run].sort()).toEqual(SET_UPS.map(({ heading }) => heading).sort())
})
