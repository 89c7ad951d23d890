import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { MAIN } from './flint.ts'
import { until } from './until.ts'

/**
 * A second data directory with processes of its own on the ClickHouse of the first: what a second
 * machine would run.
 */
export interface Replica {
  readonly dataDir: string
  pid(role: string): number
  start(role: string): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  end(role: string): Promise<number | null>
  stop(): Promise<void>
  /** Roles whose process is not there any more; no supervisor starts them again. */
  ended(): readonly string[]
}

/** `env` holds what both share: pepper, upstreams. */
export async function startReplica(
  env: Readonly<Record<string, string>>,
  dataDir: string,
  clickhouse: string,
  roles: readonly string[],
): Promise<Replica> {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  fs.symlinkSync(clickhouse, path.join(dataDir, 'clickhouse'))
  const own = { ...env, FLINT_DATA_DIR: dataDir }
  const children = new Map<string, ChildProcess>()
  const socket = (role: string) =>
    path.join(dataDir, 'run', role === 'delivery' ? 'delivery-m.sock' : `${role}.sock`)
  const replica: Replica = {
    dataDir,
    pid: (role) => children.get(role)?.pid ?? 0,
    async start(role) {
      fs.rmSync(socket(role), { force: true })
      const child = spawn(process.execPath, [MAIN, role], {
        cwd: dataDir,
        env: own,
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      children.set(role, child)
      await until(`${role} of the replica`, 60_000, () => {
        if (child.exitCode !== null)
          throw new Error(`${role} of the replica ended with ${child.exitCode}`)
        return fs.existsSync(socket(role))
      })
    },
    async end(role) {
      const child = children.get(role)
      if (!child || child.exitCode !== null || child.signalCode !== null)
        return child?.exitCode ?? null
      child.kill('SIGTERM')
      await once(child, 'exit')
      return child.exitCode
    },
    ended: () =>
      [...children]
        .filter(([, { exitCode, signalCode }]) => exitCode !== null || signalCode !== null)
        .map(([role]) => role),
    async stop() {
      for (const child of children.values()) child.kill('SIGKILL')
    },
  }
  for (const role of roles) await replica.start(role)
  return replica
}
