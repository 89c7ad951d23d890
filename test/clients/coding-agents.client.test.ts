import { describe, test } from 'vitest'
import { CODING_AGENTS } from './coding-agents.ts'
import { hasCommand } from './installed-programs.ts'
import { useClients } from './use-clients.ts'

const expectRecorded = useClients()

describe('a coding agent that docs/agents.md sets up has one right record for each call', () => {
  for (const [name, client] of Object.entries(CODING_AGENTS))
    test.skipIf(!hasCommand(client.command[0]))(
      name,
      async () => void (await expectRecorded(client)),
    )
})
