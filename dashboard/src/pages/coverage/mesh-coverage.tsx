import type { MeshCoverage as Answer } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { Loaded, Skeleton } from '../../parts/notices.tsx'
import { ScrollX } from '../../parts/scroll-x.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { bytes, count, coverage } from '../../state/numbers.ts'
import { dateTime } from '../../state/times.ts'
import { useQuery } from '../../state/url.ts'

type Groups = Answer['groups']
type Hosts = Answer['hosts']

const GROUPS = { namespace: 'Namespace', workload: 'Workload' } as const
type GroupName = keyof typeof GROUPS
const GROUP_NAMES = Object.keys(GROUPS) as readonly GroupName[]

/** What of a mesh's traffic to providers was captured, and which connections nothing could read. */
export function MeshCoverage({
  within,
  timeZone,
}: {
  within: Readonly<Record<string, string>>
  timeZone: string
}) {
  const { query, push } = useQuery()
  const by = GROUP_NAMES.find((name) => name === query.get('by')) ?? 'namespace'
  const resource = useResource(`coverage ${by} ${within['from']} ${within['to']}`, (signal) =>
    get<Answer>('/coverage', { ...within, groupBy: by }, signal),
  )
  return (
    <section class="card mesh-coverage" aria-label="In the mesh">
      <header>
        <h2>In the mesh</h2>
        <label class="end small">
          By{' '}
          <select
            class="input"
            value={by}
            onChange={(event) => push({ by: event.currentTarget.value })}
          >
            {GROUP_NAMES.map((name) => (
              <option key={name} value={name}>
                {GROUPS[name].toLowerCase()}
              </option>
            ))}
          </select>
        </label>
      </header>
      <Loaded resource={resource} skeleton={<Skeleton height={80} />}>
        {({ groups, hosts, isCut }) =>
          groups.length === 0 ? (
            <p class="empty">No call through a mesh, and no connection that a mesh reported.</p>
          ) : (
            <>
              <GroupTable {...{ groups, by, within, timeZone }} />
              <p class="small muted">
                {isCut ? 'There are more groups: the API has them all by shorter ranges. ' : ''}
                Opaque: the app encrypted the connection itself, so no call in it could be read.
                Uncovered: no policy of the mesh is about that host. A connection counts as one
                call, because how many it carried is not known; connections are known once they have
                ended.
              </p>
              {hosts.length > 0 && <HostTable {...{ hosts, timeZone }} />}
            </>
          )
        }
      </Loaded>
    </section>
  )
}

function GroupTable({
  groups,
  by,
  within,
  timeZone,
}: {
  groups: Groups
  by: GroupName
  within: Readonly<Record<string, string>>
  timeZone: string
}) {
  return (
    <ScrollX label="Coverage of the mesh">
      <table class="table">
        <caption class="visually-hidden">Coverage by {by}, what was not seen first</caption>
        <thead>
          <tr>
            <th scope="col">{GROUPS[by]}</th>
            <NumberHeads names={['Captured', 'Lost', 'Opaque', 'Uncovered', 'Share']} />
            <th scope="col">First seen, {timeZone}</th>
            <th scope="col">Last seen</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={group.name ?? ''}>
              <td>
                {group.name === null ? (
                  <span class="muted">not known</span>
                ) : (
                  <VisibleText text={group.name} />
                )}
              </td>
              <td class="number">
                {group.name === null || group.captured === 0 ? (
                  count(group.captured)
                ) : (
                  <a href={callsOf(by, group.name, within)}>{count(group.captured)}</a>
                )}
              </td>
              <td class="number">{count(group.lost)}</td>
              <td class="number" title={bytes(group.opaqueBytes)}>
                {count(group.opaque)}
              </td>
              <td class="number" title={bytes(group.uncoveredBytes)}>
                {count(group.uncovered)}
              </td>
              <td class="number">{coverage(group.share)}</td>
              <td>{dateTime(Date.parse(group.firstSeenAt), timeZone)}</td>
              <td>{dateTime(Date.parse(group.lastSeenAt), timeZone)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  )
}

function NumberHeads({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name) => (
        <th key={name} scope="col" class="number">
          {name}
        </th>
      ))}
    </>
  )
}

/** Outcomes of calls that were wholly observed. */
const OBSERVED = [
  ...['complete', 'client_aborted', 'upstream_reset', 'upstream_timeout', 'upstream_error'],
]

function callsOf(by: GroupName, name: string, within: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams([
    ...Object.entries(within),
    ['source', 'mesh'],
    [by, name],
    ...OBSERVED.map((outcome) => ['outcome', outcome]),
  ])
  return `/ui/audit?${query}`
}

function HostTable({ hosts, timeZone }: { hosts: Hosts; timeZone: string }) {
  return (
    <>
      <h3>Hosts that no policy covers</h3>
      <ScrollX label="Hosts that no policy covers">
        <table class="table">
          <caption class="visually-hidden">Hosts of providers that no policy covers</caption>
          <thead>
            <tr>
              <th scope="col">Host</th>
              <th scope="col">Provider</th>
              <NumberHeads names={['Connections', 'Bytes', 'Workloads']} />
              <th scope="col">Last seen, {timeZone}</th>
            </tr>
          </thead>
          <tbody>
            {hosts.map((host) => (
              <tr key={host.host}>
                <td>
                  <VisibleText text={host.host} />
                </td>
                <td>{host.provider}</td>
                <td class="number">{count(host.connections)}</td>
                <td class="number">{bytes(host.bytes)}</td>
                <td class="number">{count(host.workloads)}</td>
                <td>{dateTime(Date.parse(host.lastSeenAt), timeZone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </>
  )
}
