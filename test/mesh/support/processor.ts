import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import type { Http2Server } from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { createMetadataSeal, METADATA_NAMESPACE } from '../../../src/extproc/call-metadata.ts'
import { createGrpcServer, type GrpcMethod } from '../../../src/extproc/grpc-server.ts'
import { encodeForward } from '../../../src/extproc/replies.ts'
import { ACCESS_LOGS, PROCESSING_REQUEST } from '../../support/envoy-messages.ts'
import { portOf } from '../../support/loopback-server.ts'
import type { Authority, Certificate } from './certificates.ts'

/** What a proxy asked, or said. */
interface SeenCall {
  /** SPIFFE ID of the proxy that asked. */
  readonly proxy: string
  readonly mode: string | undefined
  readonly headers: ReadonlyMap<string, string>
  readonly attributes: Readonly<Record<string, string>>
}

export interface Processor {
  readonly asked: SeenCall[]
  /** Kinds of messages that the observer got, in order. */
  readonly observed: string[]
  /** Headers of requests and answers that the observer got. */
  readonly observedHeaders: Set<string>
  readonly closings: unknown[]
  readonly gate: Listener
  readonly observer: Listener
}

/** A port that can go away and come back. */
interface Listener {
  readonly endpoint: string
  stop(): Promise<void>
  start(): Promise<void>
}

interface Fields {
  readonly [field: string]: unknown
}

/**
 * Gate and observer as the proxies of a mesh reach them, on Flint's own gRPC server and with the
 * gate's own answers, behind ports that ask for a certificate of the mesh. It lets every call pass
 * and notes what it saw.
 */
export async function startProcessor(
  authority: Authority,
  certificate: Certificate,
): Promise<Processor> {
  const asked: SeenCall[] = []
  const observed: string[] = []
  const observedHeaders = new Set<string>()
  const closings: unknown[] = []
  const seal = createMetadataSeal(Buffer.alloc(32, 1))
  const gate: (proxy: () => string) => GrpcMethod = (proxy) => (reply, metadata) => ({
    message(bytes) {
      const message = decode(bytes)
      asked.push({
        proxy: proxy(),
        mode: metadata['x-flint-mode'] as string | undefined,
        headers: headersOf(message['request_headers']),
        attributes: attributesOf(message['attributes']),
      })
      const call = { recordId: randomUUID(), org: 'org', keyId: 'mesh', keyHint: null }
      const sealed = seal.seal({ ...call, provider: 'openai', capture: null }, false)
      reply.send(
        encodeForward({ set: [], remove: [], namespace: METADATA_NAMESPACE, metadata: sealed }),
      )
    },
    closed() {},
  })
  const observer: GrpcMethod = (reply) => ({
    message(bytes) {
      const message = decode(bytes)
      for (const kind of KINDS) {
        if (message[kind] === undefined || message[kind] === null) continue
        observed.push(kind)
        for (const name of headersOf(message[kind]).keys()) observedHeaders.add(name)
        // Where Envoy waits (profile acked), an empty answer lets the piece go on.
        if (message['observability_mode'] !== true) reply.send(emptyAnswer(kind))
      }
    },
    closed() {},
  })
  const accessLog: GrpcMethod = () => ({
    message: (bytes) => void closings.push(ACCESS_LOGS.toObject(ACCESS_LOGS.decode(bytes))),
    closed() {},
  })
  const files = { authority, certificate }
  return {
    ...{ asked, observed, observedHeaders, closings },
    gate: await listen(files, (proxy) => ({ [PROCESS]: gate(proxy) })),
    observer: await listen(files, () => ({ [PROCESS]: observer, [LOG]: accessLog })),
  }
}

const PROCESS = '/envoy.service.ext_proc.v3.ExternalProcessor/Process'
const LOG = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs'
const KINDS = [
  'request_headers',
  'request_body',
  'request_trailers',
  'response_headers',
  'response_body',
  'response_trailers',
]

function decode(bytes: Uint8Array): Fields {
  return PROCESSING_REQUEST.decode(bytes) as unknown as Fields
}

/** `ProcessingResponse` with an empty member of the same kind: fields 1 to 6 in this order. */
function emptyAnswer(kind: string): Uint8Array {
  const field = { request_headers: 1, response_headers: 2, request_body: 3, response_body: 4 }
  const trailers = { request_trailers: 5, response_trailers: 6 }
  const number = ({ ...field, ...trailers } as Record<string, number>)[kind] ?? 0
  return Uint8Array.of((number << 3) | 2, 0)
}

function headersOf(member: unknown): Map<string, string> {
  const { headers } = (member ?? {}) as { headers?: { headers?: Fields[] } | Fields[] }
  const list = Array.isArray(headers) ? headers : (headers?.headers ?? [])
  return new Map(
    list.map((header) => [
      String(header['key']),
      Buffer.from((header['raw_value'] ?? '') as Uint8Array).toString(),
    ]),
  )
}

function attributesOf(attributes: unknown): Record<string, string> {
  const structs = Object.values((attributes ?? {}) as Record<string, { fields?: Fields }>)
  const fields = structs.flatMap((struct) => Object.entries(struct.fields ?? {}))
  return Object.fromEntries(
    fields.map(([name, value]) => [
      name,
      (value as { stringValue?: string }).stringValue ?? JSON.stringify(value),
    ]),
  )
}

async function listen(
  { authority, certificate }: { authority: Authority; certificate: Certificate },
  methods: (proxy: () => string) => Readonly<Record<string, GrpcMethod>>,
): Promise<Listener> {
  let proxy = ''
  const errors: unknown[] = []
  const plain: Http2Server = createGrpcServer({
    methods: methods(() => proxy),
    onError: (error) => errors.push(error),
  })
  plain.listen(0, '127.0.0.1')
  await once(plain, 'listening')
  const sockets = new Set<net.Socket>()
  const secure = tls.createServer(
    {
      cert: fs.readFileSync(certificate.certFile),
      key: fs.readFileSync(certificate.keyFile),
      ca: fs.readFileSync(authority.certFile),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
    },
    (socket) => {
      proxy = socket.getPeerCertificate().subjectaltname ?? ''
      const inner = net.connect(portOf(plain), '127.0.0.1')
      for (const end of [socket, inner]) {
        sockets.add(end)
        end.on('error', () => {})
        end.once('close', () => sockets.delete(end))
      }
      socket.pipe(inner).pipe(socket)
    },
  )
  secure.listen(0, '127.0.0.1')
  await once(secure, 'listening')
  const port = portOf(secure)
  return {
    endpoint: `127.0.0.1:${port}`,
    async stop() {
      const closed = once(secure, 'close')
      secure.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async start() {
      secure.listen(port, '127.0.0.1')
      await once(secure, 'listening')
    },
  }
}
