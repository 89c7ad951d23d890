import { Type } from 'typebox'
import type { MeshRow } from '../store/identity/identity-rows.ts'
import { CachedList, type CachedListOptions } from './cached-list.ts'

/** A workload of a mesh, as far as it is known. */
export interface MeshWorkload {
  readonly workload: string | null
  readonly namespace: string | null
  readonly serviceAccount: string | null
  readonly cluster: string | null
  /** A certificate proves it; else it is a claim. */
  readonly isVerified: boolean
}

export interface MeshOrganisation {
  readonly org: string
  /** False: texts of its calls are never kept, whatever the organisation's settings say. */
  readonly capture: boolean
}

/** Whose records calls without a Flint key are. */
export interface MeshOrganisations {
  /** Null where it belongs to none. */
  organisationOf(workload: MeshWorkload): MeshOrganisation | null
}

const text = Type.String()
const nullable = Type.Union([Type.String(), Type.Null()])
const MeshRowSchema = Type.Object({
  id: text,
  org: text,
  workload: nullable,
  namespace: nullable,
  serviceAccount: nullable,
  cluster: nullable,
  capture: Type.Boolean(),
  claims: Type.Boolean(),
  assignedAt: text,
  removedAt: nullable,
})

/** All assignments in memory, the most specific first. */
export class MeshOrganisationsCache extends CachedList<MeshRow> implements MeshOrganisations {
  #inForce: readonly MeshRow[] = []

  constructor(options: CachedListOptions<MeshRow>) {
    super(options)
    this.readCopy()
  }

  organisationOf(workload: MeshWorkload): MeshOrganisation | null {
    return this.#inForce.find((row) => isMet(row, workload)) ?? null
  }

  protected override get entrySchema() {
    return MeshRowSchema
  }

  protected override adopt(rows: readonly MeshRow[]): void {
    this.#inForce = assignmentsInForce(rows)
  }
}

/**
 * The most specific first, and of two of the same workloads, made on two replicas at once, the
 * later alone.
 */
export function assignmentsInForce(rows: readonly MeshRow[]): readonly MeshRow[] {
  const newest = new Map<string, MeshRow>()
  for (const row of rows.filter(({ removedAt }) => removedAt === null)) {
    const other = newest.get(row.id)
    if (other === undefined || order(row) > order(other)) newest.set(row.id, row)
  }
  return [...newest.values()].sort(
    (one, other) => weight(other) - weight(one) || (one.id < other.id ? -1 : 1),
  )
}

const order = ({ assignedAt, org }: MeshRow) => `${assignedAt} ${org}`

function weight({ workload, namespace, serviceAccount, cluster }: MeshRow): number {
  const is = (value: string | null, bit: number) => (value === null ? 0 : bit)
  return is(workload, 8) + is(serviceAccount, 4) + is(namespace, 2) + is(cluster, 1)
}

function isMet(row: MeshRow, workload: MeshWorkload): boolean {
  const meets = (name: 'workload' | 'namespace' | 'serviceAccount' | 'cluster') =>
    row[name] === null || row[name] === workload[name]
  // What is for all workloads is for those too that claim to be others.
  const isForAll = weight(row) === 0
  return (
    (workload.isVerified || row.claims || isForAll) &&
    meets('workload') &&
    meets('namespace') &&
    meets('serviceAccount') &&
    meets('cluster')
  )
}
