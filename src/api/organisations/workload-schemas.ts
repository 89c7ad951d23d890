import { type Static, Type } from 'typebox'
import type { MeshRow } from '../../store/identity/identity-rows.ts'

const Match = (description: string) =>
  Type.Unsafe<string | null>({
    ...{ type: ['string', 'null'], minLength: 1, maxLength: 2_048 },
    description: `${description} Null: any.`,
  })
export const MATCH = {
  workload: Match('A SPIFFE ID, or the name that a proxy claims for it.'),
  namespace: Match('Its namespace.'),
  serviceAccount: Match('Its service account; needs the namespace.'),
  cluster: Match('The cluster of its proxy.'),
}
export const RULES = {
  org: Type.String({ description: 'Id of the organisation whose records its calls are.' }),
  capture: Type.Boolean({
    description:
      'False: texts of its calls are never kept. True: where the organisation’s settings say so.',
  }),
  claims: Type.Boolean({
    description: 'True: also for workloads whose identity is a claim (`identityBasis`).',
  }),
}
export const WorkloadsSchema = Type.Object(
  {
    id: Type.String({ description: 'The same for the same workloads.' }),
    ...MATCH,
    ...RULES,
    assignedAt: Type.String({ description: 'ISO 8601.' }),
  },
  { description: 'Workloads of a mesh that belong to an organisation.' },
)
type PublicWorkloads = Static<typeof WorkloadsSchema>

export const EXAMPLE: PublicWorkloads = {
  ...{ id: 'mesh_5f0c2a9be1d34c77', workload: null, namespace: 'shop', serviceAccount: null },
  ...{ cluster: null, org: 'org_9c1e5a7b3d2f4680', capture: true, claims: false },
  assignedAt: '2026-05-04T14:22:01.000Z',
}

export function shown({ removedAt: _, ...row }: MeshRow): PublicWorkloads {
  return row
}
