import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'

export interface Child {
  /** Everything it has printed so far. */
  output(): string
  /** True until it has ended. */
  isRunning(): boolean
  stop(): Promise<void>
}

/** A program with its children, in a group of its own; its output goes to a file. */
export function startChild(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>>; outputFile: string },
): Child {
  const file = fs.openSync(options.outputFile, 'a')
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: options.cwd, ...options.env },
    stdio: ['ignore', file, file],
    detached: true,
  })
  fs.closeSync(file)
  const isRunning = () => child.exitCode === null && child.signalCode === null
  return {
    output: () => fs.readFileSync(options.outputFile, 'utf8'),
    isRunning,
    async stop() {
      if (child.pid === undefined || !isRunning()) return
      const exit = once(child, 'exit')
      process.kill(-child.pid, 'SIGKILL')
      await exit
    },
  }
}
