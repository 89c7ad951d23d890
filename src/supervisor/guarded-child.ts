import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'

export interface GuardedChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** stdout and stderr are appended here. */
  readonly logFile: string
}

/**
 * The shell forks a guardian that waits on a pipe whose only writer is this process, then becomes the child itself: so
 * the child's pid is the spawned one, and when this process is gone, even by SIGKILL, the pipe closes and the guardian
 * kills the child. Portable where PR_SET_PDEATHSIG is not.
 */
const GUARDIAN = '(trap "" INT TERM HUP; read -r _ <&3; kill -KILL $$) </dev/null >/dev/null 2>&1 & exec 3<&-; exec "$@"'

/** Starts a program that cannot outlive this process. Its own process group keeps a terminal's Ctrl-C for the parent to handle. */
export function spawnGuarded({ command, args, env = process.env, logFile }: GuardedChildOptions): ChildProcess {
  const log = fs.openSync(logFile, 'a', 0o600)
  try {
    const child = spawn('/bin/sh', ['-c', GUARDIAN, 'flint-guardian', command, ...args], {
      env,
      stdio: ['pipe', log, log, 'pipe'],
      detached: true,
    })
    // Both pipes are only held open: an error on one (EPIPE) says no more than the child's exit does.
    for (const pipe of [child.stdin, child.stdio[3]]) pipe?.on('error', () => {})
    child.on('exit', () => child.stdio[3]?.destroy())
    return child
  } finally {
    fs.closeSync(log)
  }
}
