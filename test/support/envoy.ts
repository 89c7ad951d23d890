import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { parse, stringify } from 'yaml'
import { runCli } from './flint.ts'
import { until } from './until.ts'

/** The parts of a rendered bootstrap that tests change; the rest passes through as it is. */
export interface Bootstrap {
  admin: { address: { pipe: { path: string } } }
  static_resources: {
    listeners: Array<{
      filter_chains: Array<{
        filters: Array<{
          typed_config: {
            access_log: Array<{ name: string; typed_config: { path?: string } }>
            http_filters: unknown[]
            route_config: { virtual_hosts: Array<{ routes: unknown[] }> }
          }
        }>
      }>
    }>
    clusters: Array<{
      name: string
      load_assignment: { endpoints: Array<{ lb_endpoints: unknown[] }> }
    }>
  }
}

export interface EnvoyUnderTest {
  readonly baseUrl: string
  readonly process: ChildProcess
  /** Its JSON access log. */
  readonly log: string
  stop(): Promise<void>
}

/**
 * One more Envoy beside a Flint that runs, with Flint's own bootstrap as `change` leaves it; its
 * files lie in `directory`.
 */
export async function startEnvoy(
  env: Readonly<Record<string, string>>,
  port: number,
  directory: string,
  change: (bootstrap: Bootstrap) => void = () => {},
): Promise<EnvoyUnderTest> {
  fs.mkdirSync(directory, { recursive: true })
  const settings = { ...env, FLINT_PORT: String(port) }
  const bootstrap = parse(await runCli(settings, 'envoy', 'config')) as Bootstrap
  const log = path.join(directory, 'access.ndjson')
  bootstrap.admin.address.pipe.path = path.join(directory, 'admin.sock')
  for (const { typed_config } of managerOf(bootstrap).access_log)
    if (typed_config.path !== undefined) typed_config.path = log
  change(bootstrap)
  const file = path.join(directory, 'envoy.yaml')
  fs.writeFileSync(file, stringify(bootstrap, { aliasDuplicateObjects: false }))
  const binary = (await runCli(settings, 'envoy', 'path')).trim().split('\n').at(-1) ?? ''
  const output = fs.openSync(path.join(directory, 'envoy.log'), 'a')
  const args = [
    '-c',
    file,
    '--concurrency',
    '2',
    '--log-level',
    'warning',
    '--file-flush-interval-msec',
    '200',
    '--disable-hot-restart',
  ]
  const child = spawn(binary, args, { stdio: ['ignore', output, output] })
  fs.closeSync(output)
  await until('Envoy to listen', 20_000, () => {
    if (child.exitCode !== null)
      throw new Error(fs.readFileSync(path.join(directory, 'envoy.log'), 'utf8'))
    return listens(port)
  })
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    process: child,
    log,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

export function managerOf(bootstrap: Bootstrap) {
  const manager =
    bootstrap.static_resources.listeners[0]?.filter_chains[0]?.filters[0]?.typed_config
  if (!manager) throw new Error('the bootstrap has no connection manager')
  return manager
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
