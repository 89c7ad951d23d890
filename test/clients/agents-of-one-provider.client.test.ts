import { describe, test } from 'vitest'
import { AGENTS_OF_ONE_PROVIDER } from './coding-agents.ts'
import { hasCommand } from './installed-programs.ts'
import { useClients } from './use-clients.ts'

const expectRecorded = useClients()

describe('an agent of one provider that docs/agents.md sets up has one right record for each call', () => {
  for (const [name, client] of Object.entries(AGENTS_OF_ONE_PROVIDER))
    test.skipIf(!hasCommand(client.command[0]))(
      name,
      async () => void (await expectRecorded(client)),
    )
})
