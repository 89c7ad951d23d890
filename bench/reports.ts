import { fork } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { createReporter } from '../src/api/report/reporter.ts'
import { stubApi } from '../src/api/stub-api.ts'
import { createContentCapture } from '../src/content/content-capture.ts'
import type { ContentLine } from '../src/content/content-line.ts'
import { jsonLine } from '../src/evidence/json-line.ts'
import { DEFAULT_SETTINGS } from '../src/identity/settings.ts'
import { SegmentSpool } from '../src/spool/segment-spool.ts'
import { textTable } from '../src/text-table.ts'
import { percentile } from './load.ts'

/*
 * Method: the API in a process of its own (one core), reports over a socket from this one, closed
 * loop. Three servers in turns, several rounds: `floor` takes the same body and answers 202 without
 * reading it (HTTP, JSON parsing, key check), then reports with prompt capture off and on. A cell
 * is the median of its rounds; noise is what rounds of the same cell differ by. Loop stall is how
 * late the server's event loop was (perf_hooks), p99 and worst.
 */

const MODES = ['floor', 'capture off', 'capture on'] as const
type Mode = (typeof MODES)[number]
const SIZES = [
  { name: '2 KB', bytes: 2_000, reports: 2_000, callers: 16 },
  { name: '200 KB', bytes: 200_000, reports: 200, callers: 8 },
  { name: '8 MB', bytes: 8_000_000, reports: 8, callers: 2 },
]
const ROUNDS = 3

interface Figures {
  readonly cpuUs: number
  readonly stallP99Ms: number
  readonly stallMaxMs: number
}

if (process.send) await serve()
else await measure()

async function serve(): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'flint-bench-reports-'))
  const mode = process.argv[2] as Mode
  const spool = new SegmentSpool({ directory: path.join(directory, 'spool') })
  const contentSpool = new SegmentSpool<ContentLine>({
    directory: path.join(directory, 'content'),
    toLine: jsonLine,
  })
  const reporter = createReporter({
    spool,
    contentSpool,
    content: createContentCapture({ programDirectory: null, onFault: () => {} }),
    keys: { find: async () => null, remember: async () => undefined },
    settings: { settingsOf: () => ({ ...DEFAULT_SETTINGS, promptCapture: mode === 'capture on' }) },
    promptHashSecret: Buffer.from('bench'),
    writer: 'bench/api',
  })
  const api = stubApi({
    access: {
      authenticator: {
        authenticate: () => ({ org: 'org_bench', keyId: 'key_1', scopes: ['report'] }),
      },
      failures: { note() {} },
      used() {},
    },
    reporter:
      mode === 'floor'
        ? { report: async () => ({ requestId: 'none', createdAt: 'never' }) }
        : reporter,
  })
  const socket = path.join(directory, 'api.sock')
  await api.listen({ path: socket })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  let cpu = process.cpuUsage()
  process.on('message', (message) => {
    if (message === 'begin') {
      delay.reset()
      delay.enable()
      cpu = process.cpuUsage()
      process.send?.('begun')
    } else if (message === 'end') {
      delay.disable()
      const { user, system } = process.cpuUsage(cpu)
      // What the histogram measures is its own interval of 1 ms and what comes on top.
      process.send?.({
        cpuUs: user + system,
        stallP99Ms: delay.percentile(99) / 1e6 - 1,
        stallMaxMs: delay.max / 1e6 - 1,
      } satisfies Figures)
    } else {
      fs.rmSync(directory, { recursive: true, force: true })
      process.exit(0)
    }
  })
  process.send?.(socket)
}

async function measure(): Promise<void> {
  const self = fileURLToPath(import.meta.url)
  const servers = await Promise.all(
    MODES.map(async (mode) => {
      const child = fork(self, [mode])
      const [socket] = (await once(child, 'message')) as [string]
      return { mode, child, socket }
    }),
  )
  const rows: string[][] = []
  for (const { name, bytes, reports, callers } of SIZES) {
    const cells = new Map<Mode, Array<Figures & { readonly perSecond: number }>>(
      MODES.map((mode) => [mode, []]),
    )
    for (let round = 0; round <= ROUNDS; round++)
      for (const { mode, child, socket } of servers) {
        child.send('begin')
        await once(child, 'message')
        const perSecond = await load(socket, bodyOf(bytes), reports, callers)
        child.send('end')
        const [figures] = (await once(child, 'message')) as [Figures]
        // The first round warms up.
        if (round > 0)
          cells.get(mode)?.push({ ...figures, cpuUs: figures.cpuUs / reports, perSecond })
      }
    for (const [mode, rounds] of cells) {
      const median = (of: (figures: (typeof rounds)[number]) => number) =>
        percentile(rounds.map(of), 50)
      const rates = rounds.map(({ perSecond }) => perSecond)
      const noise =
        (100 * (Math.max(...rates) - Math.min(...rates))) / median(({ perSecond }) => perSecond)
      rows.push([
        name,
        mode,
        median(({ perSecond }) => perSecond).toFixed(0),
        `${noise.toFixed(0)} %`,
        median(({ cpuUs }) => cpuUs).toFixed(0),
        median(({ stallP99Ms }) => stallP99Ms).toFixed(1),
        Math.max(...rounds.map(({ stallMaxMs }) => stallMaxMs)).toFixed(0),
      ])
    }
  }
  console.log(
    textTable(
      ['report', 'server', 'reports/s', 'noise', 'CPU us/report', 'loop stall p99 ms', 'worst ms'],
      rows,
    ),
  )
  for (const { child } of servers) child.send('stop')
}

function bodyOf(bytes: number): string {
  const sentence = 'Summarise this contract in three bullets. '
  const half = sentence.repeat(Math.ceil(bytes / 2 / sentence.length))
  return JSON.stringify({
    provider: 'openai',
    endpoint: '/v1/chat/completions',
    latencyMs: 840,
    messages: [{ role: 'user', content: half }],
    response: {
      id: 'chatcmpl-1',
      model: 'gpt-4o-2024-08-06',
      choices: [{ index: 0, message: { role: 'assistant', content: half }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 512, completion_tokens: 128, total_tokens: 640 },
    },
  })
}

async function load(
  socketPath: string,
  body: string,
  reports: number,
  callers: number,
): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: callers })
  let left = reports
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (left-- > 0) await report(socketPath, agent, body)
    }),
  )
  agent.destroy()
  return reports / ((performance.now() - startedAt) / 1000)
}

function report(socketPath: string, agent: http.Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: 'Bearer flnt_live_bench',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const request = http.request(
      { socketPath, path: '/v1/audit/report', method: 'POST', agent, headers },
      (response) => {
        response
          .resume()
          .on('end', () =>
            response.statusCode === 202
              ? resolve()
              : reject(new Error(`status ${response.statusCode}`)),
          )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}
