import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { parse, stringify } from 'yaml'
import { freePort } from '../src/store/embedded/free-port.ts'
import { type LoopbackServer, serveLoopback } from '../test/support/loopback-server.ts'
import { upstreamsAt } from '../test/support/upstreams.ts'
import type { Target } from './load.ts'

/** Provider, bare Envoy and Flint side by side, so that every comparison is made within one run. */
export interface Rig {
  readonly direct: Target
  readonly bareEnvoy: Target
  readonly flint: Target
  /**
   * CPU microseconds spent so far by a part: gate, observer, delivery, api, envoy, clickhouse,
   * bare.
   */
  cpuUs(part: string): number
  /** Resident bytes of a part now. */
  residentBytes(part: string): number
  pid(part: string): number
  /** What a command of `flint` prints. */
  cli(...args: readonly string[]): string
  stop(): Promise<void>
}

const KEY = 'flnt_live_benchbenchbenchbenchbenchbenchbenchbench01'
const MAIN = path.resolve(import.meta.dirname, '../src/main.js')
const CLOCK_TICK_US = 10_000

/**
 * `cores`: one pins everything of Envoy and Flint to core 0 and leaves the others to callers and
 * provider.
 */
export async function startRig(cores: 'one' | 'all'): Promise<Rig> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-bench-'))
  const provider = await startProvider()
  const pin = cores === 'one' ? ['taskset', '-c', '0'] : []
  const port = await freePort()
  const env = {
    ...process.env,
    FLINT_DATA_DIR: directory,
    FLINT_PORT: String(port),
    FLINT_BOOTSTRAP_KEY: KEY,
    FLINT_ENVOY_CONCURRENCY: cores === 'one' ? '1' : '2',
    ...upstreamsAt(provider.url),
  }
  const flint = start([...pin, process.execPath, MAIN, 'up'], env)
  await printed(flint, 'Ctrl-C stops everything.')
  const barePort = await freePort()
  const bareConfig = path.join(directory, 'bare.yaml')
  fs.writeFileSync(
    bareConfig,
    bareBootstrap(fs.readFileSync(path.join(directory, 'run', 'envoy.yaml'), 'utf8'), barePort),
  )
  const envoy =
    spawnSync(process.execPath, [MAIN, 'envoy', 'path'], { env, encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
      .at(-1) ?? ''
  const bare = start(
    [
      ...pin,
      envoy,
      '-c',
      bareConfig,
      '--log-level',
      'warning',
      '--concurrency',
      env.FLINT_ENVOY_CONCURRENCY,
      '--disable-hot-restart',
      '--base-id',
      '7',
    ],
    process.env,
  )
  await untilListening(barePort)

  const pid = (part: string) =>
    part === 'bare'
      ? (bare.pid ?? 0)
      : Number(fs.readFileSync(path.join(directory, 'run', `${part}.pid`), 'utf8'))
  const headers = { authorization: `Bearer ${KEY}`, 'x-provider-key': 'sk-bench-000000000000' }
  return {
    direct: { url: `${provider.url}/v1/chat/completions`, headers },
    bareEnvoy: { url: `http://127.0.0.1:${barePort}/v1/proxy/openai/chat/completions`, headers },
    flint: { url: `http://127.0.0.1:${port}/v1/proxy/openai/chat/completions`, headers },
    cpuUs(part) {
      const fields =
        fs
          .readFileSync(`/proc/${pid(part)}/stat`, 'utf8')
          .split(') ')[1]
          ?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_US
    },
    residentBytes(part) {
      return (
        Number(
          /VmRSS:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${pid(part)}/status`, 'utf8'))?.[1] ?? 0,
        ) * 1024
      )
    },
    pid,
    cli: (...args) =>
      spawnSync(process.execPath, [MAIN, ...args], {
        env,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 ** 2,
      }).stdout,
    async stop() {
      for (const child of [bare, flint]) {
        child.kill('SIGTERM')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      }
      await provider.close()
      fs.rmSync(directory, { recursive: true, force: true })
    },
  }
}

/**
 * Flint's own bootstrap without Flint: no filters but the router, no access logs; everything else
 * stays comparable.
 */
function bareBootstrap(flintBootstrap: string, port: number): string {
  const bootstrap = parse(flintBootstrap) as {
    admin?: unknown
    static_resources: {
      listeners: Array<{
        address: { socket_address: { port_value: number } }
        filter_chains: Array<{ filters: Array<{ typed_config: Record<string, unknown> }> }>
      }>
    }
  }
  delete bootstrap.admin
  const [listener] = bootstrap.static_resources.listeners
  const manager = listener?.filter_chains[0]?.filters[0]?.typed_config
  if (!listener || !manager) throw new Error('the rendered bootstrap has no connection manager')
  listener.address.socket_address.port_value = port
  manager['http_filters'] = (manager['http_filters'] as Array<{ name: string }>).filter(
    ({ name }) => name === 'envoy.filters.http.router',
  )
  delete manager['access_log']
  delete manager['local_reply_config']
  const routes = manager['route_config'] as {
    virtual_hosts: Array<{ routes: Array<Record<string, unknown>> }>
  }
  for (const host of routes.virtual_hosts)
    for (const route of host.routes) delete route['typed_per_filter_config']
  return stringify(bootstrap)
}

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-2024-08-06',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Payment terms are net-30. '.repeat(40) },
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 90,
    completion_tokens: 220,
    total_tokens: 310,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
})
const DELTA = `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-2024-08-06', service_tier: 'default', system_fingerprint: 'fp_1', choices: [{ index: 0, delta: { content: 'Payment terms' }, logprobs: null, finish_reason: null }] })}\n\n`

/**
 * `x-bench-deltas: N` streams N deltas, one write each; `x-bench-hold: 1` sends one and keeps the
 * stream open.
 */
function startProvider(): Promise<LoopbackServer> {
  return serveLoopback((request, response) => {
    request.resume()
    request.on('end', () => {
      const deltas = Number(request.headers['x-bench-deltas'] ?? 0)
      if (request.headers['x-bench-hold']) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.write(DELTA)
      } else if (deltas > 0) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        let sent = 0
        const next = () => {
          if (sent++ === deltas) return void response.end('data: [DONE]\n\n')
          response.write(DELTA)
          setImmediate(next)
        }
        next()
      } else
        response
          .writeHead(200, {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(ANSWER),
          })
          .end(ANSWER)
    })
  })
}

function start([command = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
}

function printed(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let out = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
      if (out.includes(text)) resolve()
    })
    child.once('exit', (code) => reject(new Error(`ended with ${code} before it was up:\n${out}`)))
  })
}

async function untilListening(port: number): Promise<void> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; ) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing listens on ${port}`)
}
