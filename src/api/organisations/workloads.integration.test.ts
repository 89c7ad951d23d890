import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { MeshOrganisationsCache, type MeshWorkload } from '../../identity/mesh-organisations.ts'
import { createIdentityLog } from '../../store/identity/identity-log.ts'

const OPERATOR = 'operator-key-of-a-test-0001'
let flint: ApiOnStore
/** What a gate knows. */
let gate: MeshOrganisationsCache
beforeAll(async () => {
  flint = await startApiOnStore()
  const log = createIdentityLog(flint.store.client)
  gate = new MeshOrganisationsCache({
    file: path.join(temporaryDirectory(), 'mesh.json'),
    load: () => log.listMesh(),
  })
})
afterAll(() => flint?.stop())

const assign = (body: unknown) => flint.ask('POST', '/v1/orgs/workloads', { key: OPERATOR, body })
const checkout: MeshWorkload = {
  ...{ workload: 'spiffe://cluster.local/ns/shop/sa/checkout', cluster: 'eu-1' },
  ...{ namespace: 'shop', serviceAccount: 'checkout', isVerified: true },
}
const orgOf = async (workload: Partial<MeshWorkload> = {}) => {
  await gate.refresh()
  return gate.organisationOf({ ...checkout, ...workload })
}
const eventsOf = async (key: string) => {
  const { body } = await flint.ask(
    'GET',
    '/v1/audit/events?action=mesh.assigned&action=mesh.unassigned',
    {
      key,
    },
  )
  return body.events
}

test('workloads belong to no organisation until the operator says so', async () => {
  expect(await orgOf()).toBeNull()
  expect((await flint.ask('GET', '/v1/orgs/workloads', { key: OPERATOR })).body).toEqual({
    workloads: [],
  })
})

test('the most specific of what was said counts, and what is for all the least', async () => {
  const { ours, theirs } = flint
  const all = await assign({ org: ours.org })
  expect(all.status).toBe(201)
  expect(all.body).toMatchObject({ namespace: null, capture: true, claims: false })
  expect(await orgOf()).toMatchObject({ org: ours.org, capture: true })
  await assign({ org: theirs.org, namespace: 'shop', capture: false })
  expect(await orgOf()).toMatchObject({ org: theirs.org, capture: false })
  await assign({ org: ours.org, namespace: 'shop', serviceAccount: 'checkout' })
  expect(await orgOf()).toMatchObject({ org: ours.org, capture: true })
  expect(await orgOf({ serviceAccount: 'cart' })).toMatchObject({ org: theirs.org })
  expect(await orgOf({ namespace: 'lab' })).toMatchObject({ org: ours.org })
})

test('a claim gets an organisation of its own only where the operator takes claims', async () => {
  const claimed = { isVerified: false, namespace: 'shop', serviceAccount: null }
  expect(await orgOf(claimed)).toMatchObject({ org: flint.ours.org })
  await assign({ org: flint.theirs.org, namespace: 'shop', claims: true })
  expect(await orgOf(claimed)).toMatchObject({ org: flint.theirs.org })
})

test('a workload that changes its organisation leaves the other, and both see it in their events', async () => {
  const { body } = await assign({ org: flint.ours.org, namespace: 'shop', reason: 'moved' })
  expect(await orgOf({ serviceAccount: 'cart' })).toMatchObject({ org: flint.ours.org })
  const [lost] = await eventsOf(flint.theirs.key)
  expect(lost).toMatchObject({ action: 'mesh.unassigned', subject: body.id, reason: 'moved' })
  const [won] = await eventsOf(flint.ours.key)
  expect(won).toMatchObject({
    ...{ action: 'mesh.assigned', actor: 'operator', subject: body.id },
    new: { namespace: 'shop', capture: true, claims: false },
  })
  const listed = await flint.ask('GET', '/v1/orgs/workloads', { key: OPERATOR })
  expect(listed.body.workloads).toHaveLength(3)
})

test('what was said can be taken back', async () => {
  const { workloads } = (await flint.ask('GET', '/v1/orgs/workloads', { key: OPERATOR })).body
  for (const { id } of workloads)
    expect((await flint.ask('DELETE', `/v1/orgs/workloads/${id}`, { key: OPERATOR })).status).toBe(
      204,
    )
  expect(await orgOf()).toBeNull()
  const again = await flint.ask('DELETE', `/v1/orgs/workloads/${workloads[0]?.id}`, {
    key: OPERATOR,
  })
  expect(again.status).toBe(404)
})

test.each([
  [{ org: 'org_nobody' }, 'org: there is no organisation'],
  [{ serviceAccount: 'checkout' }, 'serviceAccount: name its namespace too'],
])('%j is refused, and the field is named', async (body, message) => {
  const refused = await assign({ org: flint.ours.org, ...body })
  expect(refused.status).toBe(400)
  expect(refused.body.error.message).toContain(message)
})

test('no organisation’s key may say anything of it', async () => {
  for (const [method, url, body] of [
    ['GET', '/v1/orgs/workloads', undefined],
    ['POST', '/v1/orgs/workloads', { org: flint.ours.org }],
    ['DELETE', '/v1/orgs/workloads/mesh_0', undefined],
  ] as const)
    expect((await flint.ask(method, url, { key: flint.ours.key, body })).status).toBe(401)
})

test('an organisation sees its own workloads and no others', async () => {
  const { ours, theirs } = flint
  await assign({ org: ours.org, namespace: 'mine' })
  await assign({ org: theirs.org, namespace: 'yours' })
  const namespacesOf = async (key: string) => {
    const { body } = await flint.ask('GET', '/v1/workloads', { key })
    return body.workloads.map(({ namespace }) => namespace)
  }
  expect(await namespacesOf(ours.key)).toContain('mine')
  expect(await namespacesOf(ours.key)).not.toContain('yours')
  expect(await namespacesOf(theirs.key)).toContain('yours')
  expect(await namespacesOf(theirs.key)).not.toContain('mine')
})
