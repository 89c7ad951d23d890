import { describe, expect, test } from 'vitest'
import { jsonLine } from '../../src/evidence/json-line.ts'
import { sampleConnection } from '../../src/evidence/sample-connection.ts'
import {
  sampleClosing,
  sampleIntent,
  sampleObservation,
} from '../../src/evidence/sample-evidence.ts'
import { insertJsonLines } from '../../src/store/evidence/insert-evidence.ts'
import { useServer } from '../support/use-flint.ts'
import { axeFindings } from './support/axe-findings.ts'
import { startPageOnStore } from './support/page-on-store.ts'
import { usePages } from './support/use-pages.ts'

const flint = useServer(startPageOnStore)
const pages = usePages()

/** Two calls of one workload through a mesh, and two connections that nothing could read. */
async function useMesh(): Promise<void> {
  const { org } = flint.ours
  const openedAtMs = Date.now() - 600_000
  const caller = {
    ...{ workload: 'spiffe://cluster.local/ns/shop/sa/checkout', namespace: 'shop' },
    ...{ service_account: 'checkout', identity_basis: 'peer_certificate' as const },
  }
  for (const id of [1, 2]) {
    const call = { org, createdAtMs: openedAtMs, id }
    await flint.put(sampleIntent(call, caller), sampleObservation(call), sampleClosing(call))
  }
  const connections = [
    sampleConnection({ org, openedAtMs, id: 3 }),
    sampleConnection(
      { org, openedAtMs, id: 4 },
      { policy: 'uncovered', host: 'api.mistral.ai', provider: 'mistral' },
    ),
  ]
  const body = Buffer.from(connections.map(jsonLine).join(''))
  await insertJsonLines(flint.store.client, { table: 'connections', body, token: 'test' })
}

describe('coverage of a mesh', () => {
  test('says that there is none, then what was captured, what could not be read, and shadow hosts', async () => {
    const page = await flint.open(pages, 'coverage?last=24h')
    const mesh = page.getByRole('region', { name: 'In the mesh' })
    await mesh.getByText('No call through a mesh').waitFor()
    await useMesh()
    await page.reload()
    await mesh.getByRole('row', { name: /^shop 2 0 1 1 50\.000 %/ }).waitFor()
    await mesh.getByRole('row', { name: /api\.mistral\.ai mistral 1/ }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await mesh.getByLabel('By').selectOption('workload')
    await page.waitForURL('**by=workload**')
    await mesh.getByRole('row', { name: /sa\/checkout 2 0 1 1/ }).waitFor()
    await mesh.getByRole('link', { name: '2', exact: true }).click()
    await page.waitForURL('**/ui/audit?**workload=**')
    await page.getByText('2 calls', { exact: true }).waitFor()
  })
})
