import { createHash } from 'node:crypto'
import type { IdentityLog } from '../store/identity/identity-log.ts'
import type { MeshRow } from '../store/identity/identity-rows.ts'
import type { Acted } from './events.ts'
import { assignmentsInForce } from './mesh-organisations.ts'

/** Which workloads: all for which each that is not null is equal; none given: every workload. */
interface MeshMatch {
  readonly workload: string | null
  readonly namespace: string | null
  readonly serviceAccount: string | null
  readonly cluster: string | null
}

interface Assign extends Acted {
  readonly match: MeshMatch
  readonly org: string
  readonly capture: boolean
  readonly claims: boolean
  readonly reason?: string | null | undefined
}

interface Unassign extends Acted {
  readonly id: string
  readonly reason?: string | null | undefined
}

/**
 * Says which organisation workloads of a mesh belong to. An act of the operator; each is an event.
 */
export interface MeshAdmin {
  /** In force, the most specific first. */
  list(): Promise<readonly MeshRow[]>
  /** `incomplete`: service accounts have a name within their namespace alone. */
  assign(wish: Assign): Promise<MeshRow | 'no_organisation' | 'incomplete'>
  unassign(wish: Unassign): Promise<'removed' | 'not_found'>
}

export function createMeshAdmin({
  log,
  nowMs = Date.now,
}: {
  readonly log: Pick<IdentityLog, 'append' | 'listMesh' | 'listOrganisations'>
  readonly nowMs?: () => number
}): MeshAdmin {
  const list = async () => assignmentsInForce(await log.listMesh())
  const standing = async (id: string) =>
    (await log.listMesh()).filter((row) => row.id === id && row.removedAt === null)
  const removals = (rows: readonly MeshRow[], { actor, sessionId }: Acted, reason: string | null) =>
    rows.map((row) => ({
      ...{ subjectKind: 'mesh' as const, action: 'mesh.unassigned' as const },
      ...{ org: row.org, actor, sessionId, subject: row.id, reason, old: said(row), new: null },
      state: { ...row, removedAt: new Date(nowMs()).toISOString() },
    }))

  return {
    list,

    async assign({ actor, sessionId, match, org, capture, claims, reason = null }) {
      if (match.serviceAccount !== null && match.namespace === null) return 'incomplete'
      const organisations = await log.listOrganisations()
      if (!organisations.some(({ id }) => id === org)) return 'no_organisation'
      const id = idOf(match)
      const before = await standing(id)
      const row: MeshRow = {
        ...{ id, org, ...match, capture, claims },
        assignedAt: new Date(nowMs()).toISOString(),
        removedAt: null,
      }
      const own = before.find((candidate) => candidate.org === org)
      // Both organisations have it in their events: one has lost a workload, the other has it now.
      const others = before.filter((candidate) => candidate.org !== org)
      await log.append([
        ...removals(others, { actor, sessionId }, reason),
        {
          ...{ subjectKind: 'mesh', action: 'mesh.assigned', org, actor, sessionId },
          ...{ subject: id, reason, old: own === undefined ? null : said(own), new: said(row) },
          state: row,
        },
      ])
      return row
    },

    async unassign({ actor, sessionId, id, reason = null }) {
      const rows = await standing(id)
      if (rows.length === 0) return 'not_found'
      await log.append(removals(rows, { actor, sessionId }, reason))
      return 'removed'
    },
  }
}

/** The same workloads have the same id, whichever replica assigns them. */
function idOf({ workload, namespace, serviceAccount, cluster }: MeshMatch): string {
  const match = JSON.stringify([workload, namespace, serviceAccount, cluster])
  return `mesh_${createHash('sha256').update(match).digest('hex').slice(0, 16)}`
}

function said({ workload, namespace, serviceAccount, cluster, capture, claims }: MeshRow) {
  return { workload, namespace, serviceAccount, cluster, capture, claims }
}
