import path from 'node:path'
import protobuf from 'protobufjs'
import { expect, test } from 'vitest'
import type { ConnectionRow } from '../evidence/connection.ts'
import type { MeshOrganisations } from '../identity/mesh-organisations.ts'
import { SHIPPED_PROVIDERS } from '../providers/active-providers.ts'
import { createConnectionCounters } from './connection-counters.ts'
import { CONNECTIONS_LOG, createConnectionLog } from './connection-log.ts'
import type { Peer } from './mesh-identity.ts'

const NOW = Date.parse('2026-05-04T10:00:00Z')
const proto = path.resolve(import.meta.dirname, '../../proto')
const root = new protobuf.Root()
root.resolvePath = (_origin, target) =>
  target.startsWith('google/') ? target : path.join(proto, target)
root.loadSync('envoy/service/accesslog/v3/als.proto', { keepCase: true })
const Message = root.lookupType('envoy.service.accesslog.v3.StreamAccessLogsMessage')

const SHOP: Peer = { spiffeId: 'spiffe://cluster.local/ns/shop/sa/checkout', role: 'sidecar' }
const GATEWAY: Peer = { spiffeId: 'spiffe://cluster.local/ns/mesh/sa/egress', role: 'gateway' }

interface Logged {
  readonly host?: string
  readonly uris?: readonly string[]
  readonly durationSeconds?: number
  readonly startSeconds?: number | null
  readonly from?: string
  readonly logName?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** What Envoy sends of one connection, on a stream that begins with it. */
function logged({
  host = 'api.openai.com',
  uris = [],
  logName = CONNECTIONS_LOG,
  ...more
}: Logged = {}) {
  const { from = '10.1.2.3', durationSeconds = 3, metadata = {} } = more
  const { startSeconds = NOW / 1000 - 60 } = more
  const fields = Object.fromEntries(
    Object.entries(metadata).map(([name, stringValue]) => [name, { stringValue }]),
  )
  return Message.encode(
    Message.fromObject({
      identifier: {
        node: { id: 'sidecar~10.1.2.3~a.b~c', metadata: { fields } },
        log_name: logName,
      },
      tcp_logs: {
        log_entry: [
          {
            common_properties: {
              downstream_remote_address: { socket_address: { address: from, port_value: 4711 } },
              upstream_remote_address: {
                socket_address: { address: '162.159.140.245', port_value: 443 },
              },
              tls_properties: {
                tls_sni_hostname: host,
                peer_certificate_properties: { subject_alt_name: uris.map((uri) => ({ uri })) },
              },
              ...(startSeconds === null
                ? {}
                : { start_time: { seconds: startSeconds, nanos: 5e8 } }),
              duration: { seconds: durationSeconds, nanos: 400_000 },
              response_flags: { upstream_connection_termination: true },
            },
            connection_properties: { received_bytes: 503, sent_bytes: 6398 },
          },
        ],
      },
    }),
  ).finish()
}

const ALL: MeshOrganisations = { organisationOf: () => ({ org: 'org_1', capture: true }) }

function log(organisations: MeshOrganisations = ALL, spoolError: Error | null = null) {
  const rows: ConnectionRow[] = []
  const counters = createConnectionCounters()
  const connections = createConnectionLog({
    spool: {
      append(row, done) {
        if (spoolError === null) rows.push(row)
        done(spoolError)
      },
    },
    ...{ providers: SHIPPED_PROVIDERS, organisations, counters, nowMs: () => NOW },
    ...{ coveredHosts: new Set(['api.openai.com']), limits: { perWorkload: 3, inAll: 5 } },
  })
  return {
    rows,
    counters,
    tell: (peer: Peer | null, entry: Uint8Array) => connections({}, peer)(entry),
  }
}

test('a connection that Envoy passed on unread is kept as what it is', () => {
  const { rows, counters, tell } = log()
  tell(SHOP, logged())
  expect(rows).toEqual([
    {
      ...{ org: 'org_1', opened_at: '2026-05-04 09:59:00.500', duration_ms: 3_000 },
      ...{ host: 'api.openai.com', provider: 'openai', policy: 'opaque' },
      ...{ workload: SHOP.spiffeId, namespace: 'shop', service_account: 'checkout', cluster: null },
      ...{ identity_basis: 'proxy_certificate', source_address: '10.1.2.3' },
      ...{ upstream_address: '162.159.140.245:443', bytes_sent: 503, bytes_received: 6398 },
      ...{ response_flags: 'UC', version: 3_000 },
      connection_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  ])
  expect(counters.connections).toBe(1)
})

test('reported twice, or while it lasts, it is the same connection', () => {
  const { rows, tell } = log()
  tell(SHOP, logged({ durationSeconds: 1 }))
  tell(SHOP, logged())
  expect(new Set(rows.map(({ connection_id }) => connection_id)).size).toBe(1)
  expect(rows.map(({ version }) => version)).toEqual([1_000, 3_000])
})

test('a host of a known provider that no policy is about is uncovered', () => {
  const { rows, tell } = log()
  tell(SHOP, logged({ host: 'api.groq.com' }))
  expect(rows[0]).toMatchObject({ host: 'api.groq.com', provider: 'groq', policy: 'uncovered' })
})

test('a sidecar speaks for its own workload alone, whatever it says', () => {
  const { rows, tell } = log()
  const other = 'spiffe://cluster.local/ns/payroll/sa/director'
  tell(SHOP, logged({ uris: [other], from: '10.9.9.9', metadata: { NAMESPACE: 'payroll' } }))
  expect(rows[0]).toMatchObject({ workload: SHOP.spiffeId, namespace: 'shop' })
})

test('what one proxy reports never stands in for what another reported', () => {
  const { rows, tell } = log()
  tell(SHOP, logged())
  tell({ ...SHOP, spiffeId: 'spiffe://cluster.local/ns/shop/sa/other' }, logged())
  expect(new Set(rows.map(({ connection_id }) => connection_id)).size).toBe(2)
})

test('a gateway is believed about the certificate of who connected; two names are none', () => {
  const { rows, tell } = log()
  tell(GATEWAY, logged({ uris: [SHOP.spiffeId] }))
  tell(GATEWAY, logged({ uris: [SHOP.spiffeId, GATEWAY.spiffeId] }))
  expect(rows).toMatchObject([
    { workload: SHOP.spiffeId, identity_basis: 'peer_certificate' },
    { workload: '10.1.2.3', identity_basis: 'source_address' },
  ])
})

test('what is no one’s, of no provider, or cannot be is counted and not kept', () => {
  const { rows, counters, tell } = log()
  for (const host of ['example.com', 'api.openai.com.evil.example', 'chat.example'])
    tell(SHOP, logged({ host }))
  for (const host of ['', 'api.openai.com/..', 'a b']) tell(SHOP, logged({ host }))
  for (const startSeconds of [null, 0, NOW / 1000 + 7_200]) tell(SHOP, logged({ startSeconds }))
  const unassigned = log({ organisationOf: () => null })
  unassigned.tell(SHOP, logged())
  const full = log(ALL, new Error('full'))
  full.tell(SHOP, logged())
  expect([...rows, ...unassigned.rows]).toEqual([])
  expect(counters.connectionsSkipped).toMatchObject({ other_host: 3, no_host: 3, unreadable: 3 })
  expect(unassigned.counters.connectionsSkipped.no_organisation).toBe(1)
  expect(full.counters).toMatchObject({ connections: 0, connectionsSkipped: { no_space: 1 } })
})

test('a workload that opens connections in a loop gets its share of a minute, and others theirs', () => {
  const { rows, counters, tell } = log()
  const of = (name: string): Peer => ({
    ...SHOP,
    spiffeId: `spiffe://cluster.local/ns/a/sa/${name}`,
  })
  for (let n = 0; n < 10; n++) tell(of('loop'), logged())
  tell(of('other'), logged())
  for (let n = 0; n < 10; n++) tell(of(`more-${n}`), logged())
  expect(rows.map(({ service_account }) => service_account)).toEqual([
    ...['loop', 'loop', 'loop', 'other', 'more-0'],
  ])
  expect(counters.connectionsSkipped.too_many).toBe(16)
})

test('logs of other names, and bytes that are no message, leave nothing', () => {
  const { rows, counters, tell } = log()
  tell(SHOP, logged({ logName: 'mesh' }))
  const whole = logged()
  for (let end = 1; end < whole.length; end++) {
    try {
      tell(SHOP, whole.subarray(0, end))
    } catch {
      // The stream is ended by it, as by any message that cannot be read.
    }
  }
  expect(rows).toEqual([])
  expect(counters.connections).toBe(0)
})
