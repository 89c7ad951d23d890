import { beforeEach, describe, expect, test } from 'vitest'
import { PROCESSING_REQUEST, PROCESSING_RESPONSE } from '../../test/support/envoy-messages.ts'
import type { IntentEvidence, SightingEvidence } from '../evidence/evidence.ts'
import type { MeshOrganisations, MeshWorkload } from '../identity/mesh-organisations.ts'
import { DEFAULT_SETTINGS } from '../identity/settings.ts'
import { SHIPPED_PROVIDERS } from '../providers/active-providers.ts'
import { createMetadataSeal } from './call-metadata.ts'
import { createGate, createGateCounters } from './gate.ts'
import { createHopSeals } from './hop-seal.ts'
import type { Peer } from './mesh-identity.ts'
import { createUploadTickets } from './upload-ticket.ts'

const FLINT_KEY = 'flnt_live_proxyproxyproxyproxyproxyproxyproxyproxy001'
const KEY = 'sk-proj-0123456789abcdefghijklmnopqrst'
const SHOP = 'spiffe://cluster.local/ns/shop/sa/checkout'
const GATEWAY: Peer = { spiffeId: 'spiffe://cluster.local/ns/istio/sa/egress', role: 'gateway' }
const SIDECAR: Peer = { spiffeId: 'spiffe://cluster.local/ns/lab/sa/notebook', role: 'sidecar' }
const MESH = { 'x-flint-mode': 'mesh' }
const secret = Buffer.from('secret of a test')
const seal = createMetadataSeal(secret)

let rows: IntentEvidence[]
let sightings: SightingEvidence[]
let asked: MeshWorkload[]
let organisation: ReturnType<MeshOrganisations['organisationOf']>
beforeEach(() => {
  rows = []
  sightings = []
  asked = []
  organisation = { org: 'org_mesh', capture: true }
})

const gate = createGate({
  providers: SHIPPED_PROVIDERS,
  authenticator: {
    authenticate: (key) =>
      key === FLINT_KEY
        ? { org: 'org_key', keyId: 'key_1', scopes: ['proxy'] }
        : { refused: 'unknown', principal: null },
  },
  holders: { holderOf: () => ({ refused: 'unknown', principal: null }) },
  tickets: createUploadTickets(secret),
  mesh: {
    organisationOf(workload) {
      asked.push(workload)
      return organisation
    },
  },
  settings: { settingsOf: () => ({ ...DEFAULT_SETTINGS, promptCapture: true }) },
  failures: { note() {} },
  seal,
  hopSeals: createHopSeals(secret),
  spool: {
    append(row, done) {
      if (row.kind === 'intent') rows.push(row)
      if (row.kind === 'sighting') sightings.push(row)
      done(null)
    },
  },
  writer: 'i/gate',
  counters: createGateCounters(),
})

interface Call {
  readonly headers?: Readonly<Record<string, string>>
  /** Headers that come more than once. */
  readonly more?: ReadonlyArray<readonly [name: string, value: string]>
  readonly attributes?: Readonly<Record<string, string>>
  readonly metadata?: Readonly<Record<string, string>>
  readonly peer?: Peer | null
}

const PLAIN = { ':authority': 'api.openai.com', authorization: `Bearer ${KEY}` }

function call({
  headers = {},
  more = [],
  attributes = {},
  metadata = MESH,
  peer = null,
}: Call = {}) {
  const all = { ':method': 'POST', ':path': '/v1/chat/completions', ...PLAIN, ...headers }
  const fields = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { stringValue: value }]),
  )
  const request = PROCESSING_REQUEST.fromObject({
    request_headers: {
      headers: {
        headers: [...Object.entries(all), ...more].map(([key, value]) => ({
          key,
          raw_value: Buffer.from(value),
        })),
      },
    },
    attributes: { 'envoy.filters.http.ext_proc': { fields } },
  })
  let answer: Uint8Array = new Uint8Array()
  const reply = {
    send(bytes: Uint8Array) {
      answer = bytes
    },
    end() {},
    fail() {},
  }
  gate(reply, metadata, peer).message(Buffer.from(PROCESSING_REQUEST.encode(request).finish()))
  const said = PROCESSING_RESPONSE.toObject(PROCESSING_RESPONSE.decode(answer)) as {
    immediate_response?: { status: { code: number }; body: Uint8Array }
    request_headers?: {
      response: {
        header_mutation: {
          set_headers?: Array<{ header: { key: string; raw_value: Uint8Array } }>
          remove_headers?: string[]
        }
      }
    }
    dynamic_metadata?: {
      fields: Record<string, { structValue: { fields: Record<string, { stringValue: string }> } }>
    }
  }
  const mutation = said.request_headers?.response.header_mutation
  return {
    status: said.immediate_response?.status.code ?? null,
    body: Buffer.from(said.immediate_response?.body ?? []).toString(),
    set: Object.fromEntries(
      (mutation?.set_headers ?? []).map(({ header }) => [
        header.key,
        Buffer.from(header.raw_value).toString(),
      ]),
    ),
    removed: mutation?.remove_headers ?? [],
    metadata: new Map(
      Object.entries(said.dynamic_metadata?.fields['flint.audit']?.structValue.fields ?? {}).map(
        ([name, value]) => [name, value.stringValue] as const,
      ),
    ),
  }
}

describe('a call through a mesh', () => {
  test('needs no Flint key, and its own key goes on untouched and is kept nowhere', () => {
    const answer = call({ attributes: { 'connection.uri_san_peer_certificate': SHOP } })
    expect(answer).toMatchObject({ status: null, set: {} })
    expect(answer.removed).toEqual(['x-forwarded-client-cert'])
    expect(seal.open(answer.metadata)).toMatchObject({ org: 'org_mesh', keyId: null })
    expect(rows).toMatchObject([
      {
        org: 'org_mesh',
        provider: 'openai',
        endpoint: '/v1/chat/completions',
        key_id: null,
        key_hint: '...qrst',
        credential: 'api_key',
        workload: SHOP,
        namespace: 'shop',
        service_account: 'checkout',
        identity_basis: 'peer_certificate',
      },
    ])
    expect(JSON.stringify(rows)).not.toContain(KEY)
  })

  test.each<[string, Record<string, string>, string | null, string | null]>([
    [
      'a subscription of Claude',
      {
        ':authority': 'api.anthropic.com',
        authorization: 'Bearer sk-ant-oat01-0123456789abcdefghi',
      },
      '...fghi',
      'subscription',
    ],
    [
      'a key of Gemini in the query',
      {
        ':authority': 'generativelanguage.googleapis.com',
        ':path': '/v1beta/models/gemini-2.5-flash:generateContent?key=AIza0123456789abcdefgh',
        authorization: '',
      },
      '...efgh',
      'api_key',
    ],
    [
      'a signature of AWS',
      {
        ':authority': 'bedrock-runtime.eu-central-1.amazonaws.com',
        ':path': '/model/amazon.nova-pro-v1%3A0/converse',
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE123456789/20260101/eu-central-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=00ff00ff',
      },
      '...6789',
      'signature',
    ],
    [
      'a token of Entra',
      { ':authority': 'contoso.openai.azure.com', authorization: 'Bearer eyJ0eXAiOiJKV1QiLCJhbGc' },
      '...hbGc',
      'oauth',
    ],
    ['nothing at all', { authorization: '' }, null, null],
  ])('goes on as it came with %s', (_name, headers, hint, kind) => {
    const answer = call({ headers })
    expect(answer).toMatchObject({ status: null, set: {}, removed: ['x-forwarded-client-cert'] })
    expect(rows).toMatchObject([{ key_hint: hint, credential: kind }])
  })

  test('is of the organisation that its workload belongs to, or of none', () => {
    call({ attributes: { 'connection.uri_san_peer_certificate': SHOP } })
    expect(asked).toEqual([
      {
        ...{ basis: 'peer_certificate', workload: SHOP, namespace: 'shop' },
        ...{ serviceAccount: 'checkout', cluster: null, isVerified: true },
      },
    ])
    organisation = null
    const refused = call({ attributes: { 'connection.uri_san_peer_certificate': SHOP } })
    expect(refused.status).toBe(403)
    expect(refused.body).toContain(`has the workload ${SHOP}`)
    expect(rows).toHaveLength(1)
  })

  test('keeps no text where its namespace must not, whatever the organisation wants', () => {
    expect(seal.open(call().metadata)?.capture).not.toBeNull()
    organisation = { org: 'org_mesh', capture: false }
    expect(seal.open(call().metadata)?.capture).toBeNull()
    expect(rows.map(({ capture }) => capture)).toEqual([true, false])
  })

  test('to a host that no provider has is refused, and the host is named', () => {
    const refused = call({ headers: { ':authority': 'example.com' } })
    expect(refused.status).toBe(400)
    expect(refused.body).toContain('example.com')
    expect(rows).toEqual([])
  })
})

describe('who made it is known from', () => {
  const basisOf = (options: Call) => {
    call(options)
    const [row] = rows.slice(-1)
    return [row?.identity_basis, row?.workload, row?.namespace, row?.service_account]
  }
  const node = {
    'xds.node.id': 'sidecar~10.0.0.7~chat-1.lab~lab.svc.cluster.local',
    'xds.node.metadata.NAMESPACE': 'lab',
    'xds.node.metadata.WORKLOAD_NAME': 'chat',
    'source.address': '10.0.0.7:4711',
  }

  test('the certificate that it showed to a gateway, before all else', () =>
    expect(
      basisOf({
        peer: GATEWAY,
        attributes: { ...node, 'connection.uri_san_peer_certificate': SHOP },
      }),
    ).toEqual(['peer_certificate', SHOP, 'shop', 'checkout']))

  test('the certificate of its sidecar, whatever the sidecar says of others', () =>
    expect(
      basisOf({
        peer: SIDECAR,
        attributes: { ...node, 'connection.uri_san_peer_certificate': SHOP },
      }),
    ).toEqual(['proxy_certificate', SIDECAR.spiffeId, 'lab', 'notebook']))

  test('what its proxy says of itself, as a claim', () =>
    expect(basisOf({ attributes: node })).toEqual(['node_metadata', 'chat', 'lab', null]))

  test('its address, as a claim, where the proxy serves many', () => {
    const attributes = { ...node, 'xds.node.id': 'router~10.0.0.9~egress-1.istio~cluster.local' }
    expect(basisOf({ attributes })).toEqual(['source_address', '10.0.0.7', null, null])
    expect(basisOf({ attributes: { 'source.address': '[fd00::7]:4711' } })).toEqual([
      ...['source_address', 'fd00::7', null, null],
    ])
    expect(basisOf({})).toEqual(['none', null, null, null])
  })

  test.each(['https://example.com', 'spiffe://', 'spiffe://a', 'spiffe://a/b c', 'spiffe://A/b'])(
    'nothing that is no SPIFFE ID: %s',
    (name) =>
      expect(
        basisOf({ attributes: { 'connection.uri_san_peer_certificate': name } }).slice(0, 2),
      ).toEqual(['none', null]),
  )

  test('a name of the cluster that only Envoy’s configuration sets', () => {
    call({ metadata: { ...MESH, 'x-flint-cluster': 'eu-1' }, headers: { 'x-flint-cluster': 'us' } })
    expect(rows).toMatchObject([{ cluster: 'eu-1' }])
  })
})

describe('a caller cannot', () => {
  test.each<[string, Record<string, string>]>([
    ['the header of proxies', { 'x-forwarded-client-cert': `By=${SHOP};URI=${SHOP}` }],
    ['headers of Flint', { 'x-flint-workload': SHOP, 'x-flint-mode': 'mesh', 'x-flint-org': 'o' }],
    ['names of attributes', { 'connection.uri_san_peer_certificate': SHOP, 'source.address': '1' }],
  ])('be another workload by %s', (_name, headers) => {
    const answer = call({ headers, attributes: { 'source.address': '10.0.0.7:1' } })
    expect(rows).toMatchObject([{ identity_basis: 'source_address', workload: '10.0.0.7' }])
    for (const name of Object.keys(headers).filter((header) => header.startsWith('x-flint-')))
      expect(answer.removed).toContain(name)
  })

  test('choose the mode by a header', () => {
    const headers = { 'x-flint-mode': 'mesh', ':path': '/v1/proxy/openai/chat/completions' }
    expect(call({ headers, metadata: {} }).status).toBe(401)
    expect(call({ headers: { 'x-flint-mode': 'mesh' }, metadata: {} }).status).toBe(400)
    expect(rows).toEqual([])
  })

  test('be a workload with a Flint key that is wrong', () => {
    for (const headers of [
      { 'x-flint-key': FLINT_KEY.replace('001', '002') },
      { authorization: `Bearer ${FLINT_KEY.replace('001', '002')}` },
    ])
      expect(call({ headers }).status).toBe(401)
    expect(call({ headers: { 'x-flint-key': 'nonsense' } }).status).toBe(400)
    expect(rows).toEqual([])
  })
})

test('a caller with a Flint key has its organisation, and its keys are swapped as ever', () => {
  const answer = call({
    headers: { 'x-flint-key': FLINT_KEY },
    attributes: { 'connection.uri_san_peer_certificate': SHOP },
  })
  expect(answer.set).toEqual({ authorization: `Bearer ${KEY}` })
  expect(answer.removed).toContain('x-flint-key')
  expect(rows).toMatchObject([
    { org: 'org_key', key_id: 'key_1', key_hint: '...qrst', workload: SHOP },
  ])
  expect(asked).toEqual([])
})

describe('a call that passes two proxies that capture', () => {
  const NEXT = { ...MESH, 'x-flint-next': 'proxy' }
  const HEADER = 'x-flint-call'
  const ofSidecar = { 'connection.uri_san_peer_certificate': SIDECAR.spiffeId }
  const first = (said: Call = {}) => call({ metadata: NEXT, peer: SIDECAR, ...said })
  const second = (seal: string, said: Call = {}) =>
    call({
      peer: GATEWAY,
      attributes: ofSidecar,
      ...said,
      headers: { [HEADER]: seal, ...said.headers },
    })

  test('has one record, of the first; the second is noted as seen there too', () => {
    const { set } = first()
    expect(Object.keys(set)).toEqual([HEADER])
    // Whatever the gateway would think of it: whose call it is was decided.
    organisation = null
    const answer = second(set[HEADER] ?? '')
    expect(rows).toMatchObject([
      { workload: SIDECAR.spiffeId, identity_basis: 'proxy_certificate' },
    ])
    expect(answer).toMatchObject({ status: null, set: {} })
    expect(answer.removed).toContain(HEADER)
    const recordId = rows[0]?.record_id
    expect(sightings).toMatchObject([
      {
        ...{ record_id: recordId, org: 'org_mesh', created_at: rows[0]?.created_at },
        ...{ workload: SIDECAR.spiffeId, identity_basis: 'peer_certificate' },
      },
    ])
    expect(seal.open(answer.metadata)).toMatchObject({ recordId, isSecond: true, capture: null })
  })

  test('has two where anything of it is not as the first one said', () => {
    const stolen: Array<[string, Call]> = [
      ['by another workload', { attributes: { 'connection.uri_san_peer_certificate': SHOP } }],
      ['without a certificate', { attributes: {} }],
      ['for another path', { headers: { ':path': '/v1/responses' } }],
      ['for another host', { headers: { ':authority': 'api.anthropic.com' } }],
      ['through a sidecar, which speaks for itself alone', { peer: SIDECAR }],
      ['twice in one request', { more: [[HEADER, 'again']] }],
    ]
    for (const [how, said] of stolen) {
      const sealed = first().set[HEADER] ?? ''
      const before = rows.length
      const answer = second(sealed, said)
      expect([how, rows.length - before, sightings.length]).toEqual([how, 1, 0])
      expect(answer.removed).toContain(HEADER)
      expect(answer.set).toEqual({})
    }
  })

  test('may have another query, and no second call under the same seal', () => {
    const sealed = first({ headers: { ':path': '/v1/models?a=1' } }).set[HEADER] ?? ''
    second(sealed, { headers: { ':path': '/v1/models?a=2' } })
    expect([rows.length, sightings.length]).toEqual([1, 1])
    second(sealed, { headers: { ':path': '/v1/models?a=2' } })
    expect([rows.length, sightings.length]).toEqual([2, 1])
  })

  test('is another organisation’s where it brings that one’s Flint key only at the second', () => {
    second(first().set[HEADER] ?? '', { headers: { 'x-flint-key': FLINT_KEY } })
    expect(rows.map(({ org }) => org)).toEqual(['org_mesh', 'org_key'])
    expect(sightings).toEqual([])
  })

  test.each<[string, Call]>([
    ['the route does not say that a proxy comes next', { metadata: MESH, peer: SIDECAR }],
    ['it is the caller that says so', { headers: { 'x-flint-next': 'proxy' }, metadata: MESH }],
    ['the proxy has shown no certificate', { peer: null, metadata: NEXT }],
    ['the route is not of the mesh', { metadata: { 'x-flint-next': 'proxy' }, peer: SIDECAR }],
  ])('gets no seal where %s, and a caller’s own goes nowhere', (_when, said) => {
    const headers = { ...said.headers, [HEADER]: 'of the caller' }
    const flintKey = said.metadata?.['x-flint-mode'] === 'mesh' ? {} : { 'x-flint-key': FLINT_KEY }
    const path = { ':path': '/v1/proxy/openai/v1/models' }
    const isMesh = said.metadata?.['x-flint-mode'] === 'mesh'
    const answer = call({ ...said, headers: { ...headers, ...flintKey, ...(isMesh ? {} : path) } })
    expect(answer.status).toBeNull()
    expect(answer.set).not.toHaveProperty(HEADER)
    expect(answer.removed).toContain(HEADER)
  })
})
