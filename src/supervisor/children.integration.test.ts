import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { processTree } from '../../test/support/process-tree.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { ConfigError } from '../config/config-error.ts'
import { answers, lockDataDirectory } from '../process/data-directory-lock.ts'
import { Supervised, type SupervisedOptions } from './supervised.ts'

let root: string
let supervised: Supervised[]
let processes: ChildProcess[]
beforeEach(() => {
  root = temporaryDirectory()
  supervised = []
  processes = []
})
afterEach(async () => {
  for (const child of supervised) await child.stop(0)
  for (const child of processes) child.kill('SIGKILL')
})

const built = (name: string) => path.resolve(import.meta.dirname, '../../dist/src/supervisor', name)
const file = (name: string) => path.join(root, name)
const read = (name: string) =>
  fs.existsSync(file(name)) ? fs.readFileSync(file(name), 'utf8') : ''

/** False for a zombie too: it is gone, only not yet asked for. */
function lives(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** A process that runs ES module code; `args` are its process.argv from 1. */
function node(code: string, ...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  processes.push(child)
  return child
}
const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve) =>
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim())),
  )

describe('a guarded child', () => {
  const PARENT = `
    const { spawnGuarded } = await import(process.argv[1])
    const child = spawnGuarded({ command: process.argv[3], args: process.argv.slice(4), env: process.env, logFile: process.argv[2] })
    console.log(child.pid)
    setInterval(() => {}, 1_000)
  `
  const SLEEPER = ['/bin/sleep', '600']
  const STUBBORN = [
    process.execPath,
    '-e',
    "for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {}); setInterval(() => {}, 1000)",
  ]

  test.each([
    ['dies with its parent, also by kill -9 of it', SLEEPER, null],
    ['dies with its parent though it ignores signals', STUBBORN, null],
    ['dies with its parent though it is stopped itself', SLEEPER, 'SIGSTOP' as const],
  ])('%s', async (_, command, signal) => {
    const parent = node(PARENT, built('guarded-child.js'), file('log'), ...command)
    const pid = Number(await firstLine(parent))
    expect(lives(pid)).toBe(true)
    await eventually(() =>
      expect(fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim()).not.toBe('sh'),
    )
    if (signal) process.kill(pid, signal)
    parent.kill('SIGKILL')
    await eventually(() => expect(lives(pid)).toBe(false))
  })

  test('leaves nothing behind when it ends by itself, no zombie either where its parent is PID 1', async () => {
    const parent = node(
      PARENT,
      built('guarded-child.js'),
      file('log'),
      '/bin/sh',
      '-c',
      'read -r _; echo said; exit 3',
    )
    const pid = Number(await firstLine(parent))
    const children = () => processTree(parent.pid ?? 0).slice(1)
    // The parent of a process is asked for its exit: PID 1 of a container waits only for what it
    // started itself.
    await eventually(() => expect(children()).toHaveLength(2))
    const [first = 0, second = 0] = children()
    expect([first, second]).toContain(pid)
    process.kill(pid, 'SIGKILL')
    await eventually(() => expect(children()).toEqual([]))
    expect([first, second].filter((each) => fs.existsSync(`/proc/${each}`))).toEqual([])
    expect(fs.statSync(file('log')).mode & 0o777).toBe(0o600)
  })
})

describe('a supervised child', () => {
  const said: string[] = []
  function supervise(script: string, options: Partial<SupervisedOptions> = {}): Supervised {
    said.length = 0
    const child = new Supervised({
      name: 'part',
      command: '/bin/sh',
      args: ['-c', script, 'part', root],
      logDirectory: root,
      runDirectory: root,
      isReady: async () => read('starts') !== '',
      say: (line) => said.push(line),
      ...options,
    })
    supervised.push(child)
    return child
  }
  const starts = () => read('starts').split('\n').filter(Boolean)
  const START = 'echo "$$ $(date +%s%N)" >> "$1/starts"'

  test('is started again whenever it dies, each time a little later', async () => {
    await supervise(`${START}; exit 7`, { isReady: async () => true }).start()
    await eventually(() => expect(starts().length).toBeGreaterThanOrEqual(4))
    const times = starts().map((line) => Number(BigInt(line.split(' ')[1] ?? '0') / 1_000_000n))
    const pauses = times.slice(1, 4).map((time, index) => time - (times[index] ?? 0))
    for (const [index, atLeastMs] of [90, 190, 390].entries())
      expect(pauses[index]).toBeGreaterThan(atLeastMs)
    expect(said[0]).toMatch(/^part ended \(exit 7\): starting it again/)
  })

  test('is started again after kill -9, and its pid is on file', async () => {
    await supervise(`${START}; exec sleep 600`).start()
    const pid = Number(read('part.pid'))
    expect(starts()[0]).toContain(`${pid} `)
    process.kill(pid, 'SIGKILL')
    await eventually(() => expect(starts()).toHaveLength(2))
    await eventually(() => expect([Number.NaN, 0, pid]).not.toContain(Number(read('part.pid'))))
    expect(said).toEqual([expect.stringContaining('part ended (SIGKILL)')])
  })

  test('that dies before it serves is an error with its last output', async () => {
    fs.writeFileSync(file('part.log'), 'of an earlier run\n')
    const child = supervise('echo first; echo the socket is taken >&2; exit 1', {
      isReady: async () => false,
    })
    const error = await child.start().catch((reason: Error) => reason)
    expect(error).toMatchObject({
      message: expect.stringMatching(/part did not start;.*ends:\nfirst\nthe socket is taken$/s),
    })
    expect(String(error)).not.toContain('earlier')
  })

  test('that never serves is an error too, and does not live on', async () => {
    const child = supervise(`${START}; exec sleep 600`, {
      isReady: async () => false,
      readyTimeoutMs: 300,
    })
    await expect(child.start()).rejects.toThrow('did not start within 300 ms')
    expect(lives(Number(starts()[0]?.split(' ')[0]))).toBe(false)
  })

  test.each([
    [
      'at SIGTERM',
      'trap "echo bye >> $1/starts; exit 0" TERM; while :; do sleep 0.05; done',
      null,
      'bye',
      [],
    ],
    ['when it is stopped', 'exec sleep 600', 'SIGSTOP' as const, '', []],
    [
      'by force when it ignores SIGTERM, and says so',
      'trap "" TERM; while :; do sleep 0.05; done',
      null,
      '',
      ['part did not end within 1 s: it is killed'],
    ],
  ])('ends %s, and is not started again', async (_, script, signal, mark, lines) => {
    const child = supervise(`${START}; ${script}`)
    await child.start()
    const pid = Number(read('part.pid'))
    if (signal) process.kill(pid, signal)
    await child.stop(1_000)
    expect(lives(pid)).toBe(false)
    expect(read('starts')).toContain(mark)
    expect(starts().filter((line) => line !== 'bye')).toHaveLength(1)
    expect(fs.existsSync(file('part.pid'))).toBe(false)
    expect(said).toEqual(lines)
  })

  test('is tried again when what goes before its start fails: a disk that is full for a moment', async () => {
    let calls = 0
    const beforeStart = () => {
      calls += 1
      if (calls === 2) throw new Error('no space left')
    }
    await supervise(`${START}; [ $(wc -l < "$1/starts") -ge 2 ] && exec sleep 600; exit 7`, {
      beforeStart,
    }).start()
    await eventually(() => expect(starts()).toHaveLength(2))
    expect(said).toContainEqual(
      expect.stringMatching(/part could not be started \(no space left\)/),
    )
  })

  test('runs although its pid cannot be filed', async () => {
    await supervise(`${START}; exec sleep 600`, { runDirectory: file('no/such/directory') }).start()
    expect(said).toEqual([expect.stringContaining('part.pid could not be written')])
    expect(lives(Number(starts()[0]?.split(' ')[0]))).toBe(true)
  })

  test('rotates a log that has grown too big', async () => {
    fs.writeFileSync(file('part.log'), Buffer.alloc(33 * 1024 * 1024, 'x'))
    await supervise(`${START}; echo new; exec sleep 600`).start()
    await eventually(() => expect(read('part.log')).toBe('new\n'))
    expect(fs.statSync(file('part.log.1')).size).toBe(33 * 1024 * 1024)
  })
})

describe('one Flint per data directory', () => {
  const socket = () => file('flint.sock')
  const lock = () => lockDataDirectory(socket(), root)
  /** A socket whose process was killed. */
  async function leaveDeadSocket(): Promise<void> {
    const holder = node(
      "(await import('node:net')).createServer().listen(process.argv[1], () => console.log('up'))",
      socket(),
    )
    await firstLine(holder)
    const gone = new Promise((resolve) => holder.once('exit', resolve))
    holder.kill('SIGKILL')
    await gone
    expect(fs.existsSync(socket())).toBe(true)
  }

  test('a second one is refused, and may start once the first has ended', async () => {
    const held = await lock()
    await expect(lock()).rejects.toThrow(ConfigError)
    await expect(lock()).rejects.toThrow(/another Flint is running on .*FLINT_DATA_DIR/)
    held.release()
    const next = await lock()
    expect(await answers(socket())).toBe(true)
    next.release()
    await eventually(async () => expect(await answers(socket())).toBe(false))
  })

  test('one that was killed is in no one’s way', async () => {
    await leaveDeadSocket()
    const held = await lock()
    expect(await answers(socket())).toBe(true)
    held.release()
  })

  test('exactly one of two that start at once over a dead one gets the lock', async () => {
    for (let round = 0; round < 5; round++) {
      await leaveDeadSocket()
      const results = await Promise.allSettled(Array.from({ length: 2 }, lock))
      const held = results.flatMap((result) =>
        result.status === 'fulfilled' ? [result.value] : [],
      )
      expect(held).toHaveLength(1)
      await expect(lock()).rejects.toThrow('another Flint is running')
      for (const one of held) one.release()
    }
    expect(fs.readdirSync(root).filter((name) => name.endsWith('.old'))).toEqual([])
  })
})
