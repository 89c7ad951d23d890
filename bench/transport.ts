import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { createGrpcServer } from '../src/extproc/grpc-server.ts'
import { freePort } from '../src/store/embedded/free-port.ts'
import { percentile } from './load.ts'

/**
 * Why extproc/grpc-server.ts stands on node:http2: the same exchange over both, measured in one
 * run.
 */
export interface TransportFigure {
  readonly transport: 'node:http2' | 'grpc-js'
  readonly cpuUs: number
  readonly noiseUs: number
}

const STREAMS = 5_000
const CONCURRENT = 16
const METHOD = '/envoy.service.ext_proc.v3.ExternalProcessor/Process'
const identity = (bytes: Buffer) => bytes
const service: ServiceDefinition = {
  Process: {
    path: METHOD,
    requestStream: true,
    responseStream: true,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  },
}
/** About what Envoy sends for the headers of one call, and what the gate answers. */
const REQUEST = Buffer.alloc(900, 1)
const REPLY = Buffer.alloc(350, 2)

export async function transportFigures(rounds: number): Promise<TransportFigure[]> {
  const cpuUs = { 'node:http2': [] as number[], 'grpc-js': [] as number[] }
  for (let round = 0; round < rounds; round++)
    for (const transport of ['node:http2', 'grpc-js'] as const)
      cpuUs[transport].push(await measure(transport))
  return (['node:http2', 'grpc-js'] as const).map((transport) => ({
    transport,
    cpuUs: percentile(cpuUs[transport], 50),
    noiseUs: Math.max(...cpuUs[transport]) - Math.min(...cpuUs[transport]),
  }))
}

/** The server is a process of its own, so that its CPU time is no one else's. */
async function measure(transport: TransportFigure['transport']): Promise<number> {
  const server = fork(fileURLToPath(import.meta.url), [transport], { serialization: 'json' })
  const [port] = (await once(server, 'message')) as [number]
  const Client = makeGenericClientConstructor(service, 'ExternalProcessor')
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  const exchange = () =>
    new Promise<void>((resolve, reject) => {
      const stream = client.makeBidiStreamRequest(METHOD, identity, identity)
      stream.on('data', () => stream.end())
      stream.on('error', reject)
      stream.on('status', () => resolve())
      stream.write(REQUEST)
    })
  const run = async (count: number) => {
    let left = count
    await Promise.all(
      Array.from({ length: CONCURRENT }, async () => {
        while (left-- > 0) await exchange()
      }),
    )
  }
  const cpuOf = async () => {
    server.send('cpu')
    const [used] = (await once(server, 'message')) as [number]
    return used
  }
  await run(STREAMS / 2)
  const before = await cpuOf()
  await run(STREAMS)
  const used = (await cpuOf()) - before
  client.close()
  server.kill()
  await once(server, 'exit')
  return used / STREAMS
}

async function serve(transport: string): Promise<void> {
  const port = await freePort()
  if (transport === 'grpc-js') {
    const server = new Server()
    server.addService(service, {
      Process: (call: {
        on(event: string, listener: () => void): void
        write(bytes: Buffer): void
        end(): void
      }) => {
        call.on('data', () => {
          call.write(REPLY)
          call.end()
        })
      },
    })
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      ),
    )
  } else {
    const server = createGrpcServer({
      methods: { [METHOD]: (reply) => ({ message: () => reply.send(REPLY), closed() {} }) },
      onError: () => {},
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.send?.(port)
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.send)
  await serve(process.argv[2] ?? '')
