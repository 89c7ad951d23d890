import type { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { childEnvironment } from './child-environment.ts'
import { type GuardedChildOptions, spawnGuarded } from './guarded-child.ts'

export interface SupervisedOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly filter?: GuardedChildOptions['filter']
  readonly logDirectory: string
  /** Where `<name>.pid` is kept while the child lives. */
  readonly runDirectory: string
  /** Resolves true once the child serves. */
  readonly isReady: () => Promise<boolean>
  readonly readyTimeoutMs?: number
  /** Before each start of the child, the first and those after its death. */
  readonly beforeStart?: () => void
  /** How a child is asked to end that does not obey SIGTERM, besides the end of its stdin. */
  readonly askToEnd?: () => Promise<unknown>
  /** How long it may take to end before it is killed. Default 5 s. */
  readonly stopWithinMs?: number
  readonly say: (line: string) => void
}

const FIRST_RESTART_MS = 100
const MAX_RESTART_MS = 2_000
/** A child that lived this long is taken for healthy: its next restart is quick again. */
const HEALTHY_AFTER_MS = 5_000
/** A log this big is rotated at the next start of its child; one older log is kept. */
const MAX_LOG_BYTES = 32 * 1024 * 1024

/** One child process that is started again whenever it dies, until it is stopped. */
export class Supervised {
  readonly #options: SupervisedOptions
  readonly #logFile: string
  #child: ChildProcess | null = null
  #stopping = false
  #restartMs = FIRST_RESTART_MS
  #restartTimer: NodeJS.Timeout | null = null

  constructor(options: SupervisedOptions) {
    this.#options = options
    this.#logFile = path.join(options.logDirectory, `${options.name}.log`)
  }

  /**
   * Starts and waits until it serves; a child that dies before that is an error with its last
   * output.
   */
  async start(): Promise<void> {
    const { name, isReady, readyTimeoutMs = 30_000 } = this.#options
    const logStart = this.#spawn()
    const deadline = Date.now() + readyTimeoutMs
    while (!(await isReady())) {
      const died = this.#child === null || this.#child.exitCode !== null
      if (died || Date.now() > deadline) {
        await this.stop(0)
        throw new Error(
          `${name} did not start${died ? '' : ` within ${readyTimeoutMs} ms`}; its log (${this.#logFile}) ends:\n${this.#lastOutput(logStart)}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  /** From now on the child is not started again when it dies. */
  retire(): void {
    this.#stopping = true
    if (this.#restartTimer) clearTimeout(this.#restartTimer)
  }

  /**
   * Asks the child to end: SIGTERM, the end of its stdin, `askToEnd`; and kills it when that was
   * not enough.
   */
  async stop(withinMs = this.#options.stopWithinMs ?? 5_000): Promise<void> {
    this.retire()
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const { name, say, askToEnd } = this.#options
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    child.stdin?.end()
    // A stopped process (SIGSTOP) sees neither.
    child.kill('SIGCONT')
    void askToEnd?.()
    const killer = setTimeout(() => {
      if (withinMs > 0) say(`${name} did not end within ${withinMs / 1000} s: it is killed`)
      child.kill('SIGKILL')
    }, withinMs)
    await gone
    clearTimeout(killer)
  }

  #spawn(): number {
    const { name, command, args, filter, runDirectory, beforeStart } = this.#options
    const env = this.#options.env ?? childEnvironment(name, process.env)
    beforeStart?.()
    rotate(this.#logFile)
    const logStart = fs.statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0
    const child = spawnGuarded({
      command,
      args,
      env,
      logFile: this.#logFile,
      ...(filter ? { filter } : {}),
    })
    const startedAtMs = Date.now()
    this.#child = child
    const pidFile = path.join(runDirectory, `${name}.pid`)
    if (child.pid !== undefined) this.#writePid(pidFile, child.pid)
    child.once('error', (error) => {
      // Without a pid there was no process and there will be no exit: too many processes, for
      // example.
      if (child.pid === undefined) this.#startAgain(`could not be run (${error.message})`)
    })
    child.once('exit', (code, signal) => {
      fs.rmSync(pidFile, { force: true })
      if (Date.now() - startedAtMs > HEALTHY_AFTER_MS) this.#restartMs = FIRST_RESTART_MS
      this.#startAgain(`ended (${signal ?? `exit ${code}`})`)
    })
    return logStart
  }

  #startAgain(why: string): void {
    if (this.#stopping) return
    const { name, say } = this.#options
    say(`${name} ${why}: starting it again; see ${this.#logFile}`)
    this.#restartTimer = setTimeout(() => this.#spawnAgain(), this.#restartMs)
    this.#restartMs = Math.min(this.#restartMs * 2, MAX_RESTART_MS)
  }

  /**
   * A disk that is full at this moment (log, configuration) must not end the parent of everything.
   */
  #spawnAgain(): void {
    try {
      this.#spawn()
    } catch (error) {
      this.#startAgain(
        `could not be started (${error instanceof Error ? error.message : 'unknown error'})`,
      )
    }
  }

  /** For people and scripts; a full disk must not end everything else. */
  #writePid(file: string, pid: number): void {
    try {
      fs.writeFileSync(file, `${pid}\n`, { mode: 0o600 })
    } catch (error) {
      this.#options.say(
        `${file} could not be written (${error instanceof Error ? error.message : 'unknown error'})`,
      )
    }
  }

  #lastOutput(from: number): string {
    const content = fs.readFileSync(this.#logFile)
    return content.subarray(from).toString('utf8').trim().split('\n').slice(-8).join('\n')
  }
}

function rotate(file: string): void {
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > MAX_LOG_BYTES) fs.renameSync(file, `${file}.1`)
}
