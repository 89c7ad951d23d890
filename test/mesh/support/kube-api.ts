import http from 'node:http'
import { portOf } from '../../support/loopback-server.ts'

/**
 * As much of Kubernetes' API as istiod needs to start where there is none: namespaces, empty lists
 * of everything else, watches that stay open and never say anything.
 */
export interface KubeApi {
  readonly url: string
  close(): Promise<void>
}

interface Resource {
  readonly apiVersion: string
  readonly name: string | undefined
  readonly plural: string
}

const VERSION = { major: '1', minor: '34', gitVersion: 'v1.34.0' }
const LIST_METADATA = { resourceVersion: '1' }

export async function startKubeApi(namespaces: readonly string[]): Promise<KubeApi> {
  const known = namespaces.map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, uid: name, resourceVersion: '1', labels: { name } },
  }))
  const itemsOf = ({ plural }: Resource) => (plural === 'namespaces' ? known : [])
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://kubernetes')
    const parts = url.pathname.split('/').filter((part) => part !== '')
    if (request.method !== 'GET') void echo(request, response)
    else if (parts[0] === 'version') answer(response, VERSION)
    else if (parts.length === 1)
      answer(response, { kind: 'APIGroupList', apiVersion: 'v1', groups: [], versions: ['v1'] })
    else {
      const resource = resourceOf(parts)
      const asMetadata = (request.headers.accept ?? '').includes('as=PartialObjectMetadata')
      const items = itemsOf(resource).map((item) => ({ ...item, ...(asMetadata ? PARTIAL : {}) }))
      if (url.searchParams.has('watch'))
        watch(response, resource, items, url.searchParams.get('sendInitialEvents') === 'true')
      else if (resource.name === undefined)
        answer(response, {
          kind: `${asMetadata ? PARTIAL.kind : (KINDS[resource.plural] ?? '')}List`,
          apiVersion: asMetadata ? PARTIAL.apiVersion : resource.apiVersion,
          metadata: LIST_METADATA,
          items,
        })
      else
        answer(response, items.find(({ metadata }) => metadata.name === resource.name) ?? NOT_FOUND)
    }
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const PARTIAL = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' }
const NOT_FOUND = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  reason: 'NotFound',
  code: 404,
}

function resourceOf([group = '', ...rest]: readonly string[]): Resource {
  const isCore = group === 'api'
  const path = rest.slice(isCore ? 1 : 2)
  const [plural = '', name] = path[0] === 'namespaces' && path.length > 2 ? path.slice(2) : path
  return { apiVersion: isCore ? 'v1' : `${rest[0]}/${rest[1]}`, plural, name }
}

function answer(response: http.ServerResponse, body: object, status = 200): void {
  const code = 'code' in body ? Number(body.code) : status
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Leases, events and config maps of istiod: taken as they are. */
async function echo(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const sent = (text === '' ? {} : JSON.parse(text)) as { metadata?: object }
  const stored = { ...sent, metadata: { ...sent.metadata, resourceVersion: '1' } }
  answer(response, stored, request.method === 'POST' ? 201 : 200)
}

/** Clients of this kind wait for a bookmark behind what was there at the beginning. */
function watch(
  response: http.ServerResponse,
  { apiVersion, plural }: Resource,
  items: readonly object[],
  withInitialEvents: boolean,
): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.flushHeaders()
  if (!withInitialEvents) return
  const send = (type: string, object: object) =>
    response.write(`${JSON.stringify({ type, object })}\n`)
  for (const item of items) send('ADDED', item)
  send('BOOKMARK', {
    apiVersion,
    kind: KINDS[plural] ?? 'ConfigMap',
    metadata: { resourceVersion: '1', annotations: { 'k8s.io/initial-events-end': 'true' } },
  })
}

const KINDS: Readonly<Record<string, string>> = {
  namespaces: 'Namespace',
  services: 'Service',
  pods: 'Pod',
  nodes: 'Node',
  secrets: 'Secret',
  endpointslices: 'EndpointSlice',
  mutatingwebhookconfigurations: 'MutatingWebhookConfiguration',
  validatingwebhookconfigurations: 'ValidatingWebhookConfiguration',
  customresourcedefinitions: 'CustomResourceDefinition',
  ingresses: 'Ingress',
  ingressclasses: 'IngressClass',
  leases: 'Lease',
  serviceaccounts: 'ServiceAccount',
}
