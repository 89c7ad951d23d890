import type { Workloads } from '../../../api/answers.ts'
import { get } from '../../../api/request.ts'
import { useResource } from '../../../api/resource.ts'
import { Moment } from '../../../parts/moment.tsx'
import { Loaded, Skeleton } from '../../../parts/notices.tsx'
import { ScrollX } from '../../../parts/scroll-x.tsx'
import { VisibleText } from '../../../parts/visible-text.tsx'

type Listed = Workloads['workloads'][number]

const read = (signal: AbortSignal) => get<Workloads>('/workloads', {}, signal)

/** Whose calls through a mesh are this organisation's; the operator decides. */
export function WorkloadsSection() {
  const resource = useResource('workloads', read)
  return (
    <>
      <p class="muted intro">
        Calls through a mesh bring no Flint key: the operator of this installation says which
        workloads belong to which organisation, with <code>npx flint mesh assign</code>. The most
        specific line that fits counts; another organisation may have a more specific one.
      </p>
      <Loaded resource={resource} skeleton={<Skeleton height={160} />}>
        {({ workloads }) => <Table workloads={workloads} />}
      </Loaded>
    </>
  )
}

function Table({ workloads }: { workloads: readonly Listed[] }) {
  if (workloads.length === 0)
    return <p class="empty">No workload of a mesh belongs to this organisation.</p>
  return (
    <ScrollX label="Workloads">
      <table class="table">
        <caption class="visually-hidden">Workloads of a mesh, the most specific first</caption>
        <thead>
          <tr>
            <th scope="col">Workload</th>
            <th scope="col">Namespace</th>
            <th scope="col">Service account</th>
            <th scope="col">Cluster</th>
            <th scope="col">Prompts</th>
            <th scope="col">Believed</th>
            <th scope="col">Since</th>
            <th scope="col">
              <span class="visually-hidden">Calls</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {workloads.map((row) => (
            <tr key={row.id}>
              <td>
                <Any text={row.workload} />
              </td>
              <td>
                <Any text={row.namespace} />
              </td>
              <td>
                <Any text={row.serviceAccount} />
              </td>
              <td>
                <Any text={row.cluster} />
              </td>
              <td>{row.capture ? 'by the settings' : 'never kept'}</td>
              <td>{row.claims ? 'certificates and claims' : 'certificates'}</td>
              <td>
                <Moment at={row.assignedAt} to="min" />
              </td>
              <td>
                <a href={callsOf(row)}>Calls</a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  )
}

function Any({ text }: { text: string | null }) {
  return text === null ? <span class="muted">any</span> : <VisibleText text={text} />
}

/** The list of calls with what the line says as its filters. */
function callsOf({ workload, namespace, serviceAccount, cluster }: Listed): string {
  const filters = Object.entries({ workload, namespace, serviceAccount, cluster })
  const query = new URLSearchParams([
    ['last', '30d'],
    ['source', 'mesh'],
    ...filters.flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  ])
  return `/ui/audit?${query}`
}
