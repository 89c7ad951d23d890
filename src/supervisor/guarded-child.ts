import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import type { Readable } from 'node:stream'

export interface GuardedChildOptions {
  readonly command: string
  readonly args: readonly string[]
  /** All of it: nothing of this process's own is added. */
  readonly env: NodeJS.ProcessEnv
  /** stdout and stderr are appended here. */
  readonly logFile: string
  /** They pass through this process and are filtered; else the child writes to the file itself. */
  readonly filter?: (write: (text: string) => void) => OutputFilter
}

interface OutputFilter {
  write(bytes: Buffer): void
  end(): void
}

/** Becomes the child once its guardian is there; a parent that died before that starts nothing. */
const WAIT_FOR_GUARDIAN = 'ulimit -c 0; read -r _ <&3 || exit 1; exec 3<&-; exec "$@"'
/**
 * Waits on a pipe whose only writer is the parent: when the parent is gone, even by SIGKILL, the
 * pipe closes and the child is killed. Portable where PR_SET_PDEATHSIG is not.
 */
const GUARDIAN = 'trap "" INT TERM HUP; read -r _; kill -KILL "$1"'

/**
 * Starts a program that cannot outlive this process. Child and guardian are both children of this
 * process, so that both are waited for also where it is PID 1 of a container and no one else would.
 * Their own sessions keep a terminal's Ctrl-C for the parent to handle.
 */
export function spawnGuarded({
  command,
  args,
  env,
  logFile,
  filter,
}: GuardedChildOptions): ChildProcess {
  const log = fs.openSync(logFile, 'a', 0o600)
  try {
    const child = spawn('/bin/sh', ['-c', WAIT_FOR_GUARDIAN, 'flint-child', command, ...args], {
      env,
      stdio: filter === undefined ? ['pipe', log, log, 'pipe'] : ['pipe', 'pipe', 'pipe', 'pipe'],
      detached: true,
    })
    if (filter !== undefined)
      for (const output of [child.stdout, child.stderr])
        pass(
          output,
          filter((text) => append(logFile, text)),
        )
    // The pipes are only held open: an error on one (EPIPE) says no more than the child's exit
    // does.
    for (const pipe of [child.stdin, child.stdio[3]]) pipe?.on('error', () => {})
    if (child.pid !== undefined) guard(child, child.pid)
    return child
  } finally {
    fs.closeSync(log)
  }
}

function pass(output: Readable | null, filter: OutputFilter): void {
  output
    ?.on('data', (bytes: Buffer) => filter.write(bytes))
    .on('end', () => filter.end())
    .on('error', () => {})
}

/**
 * Opened for each line: the log is renamed when it is large. A full disk costs the line, not the
 * parent of everything.
 */
function append(file: string, text: string): void {
  try {
    fs.appendFileSync(file, text, { mode: 0o600 })
  } catch {
    // Said where disks are watched: the child's own work goes on.
  }
}

function guard(child: ChildProcess, pid: number): void {
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'flint-guardian', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guardian.stdin.on('error', () => {})
  // Without a guardian (too many processes) there is no child: it is started again later.
  guardian.once('error', () => child.kill('SIGKILL'))
  // Killed before its pipe closes: the pid may soon be another process's.
  child.once('exit', () => guardian.kill('SIGKILL'))
  const go = child.stdio[3]
  if (guardian.pid !== undefined && go && 'end' in go) go.end('\n')
}
