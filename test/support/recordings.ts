import fs from 'node:fs'
import type http from 'node:http'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { PROJECT } from './flint.ts'
import { serveLoopback } from './loopback-server.ts'

const SHARED = path.resolve(PROJECT, '../shared')

/**
 * Recorded provider traffic lies beside the project, never in it; without it the tests that need it
 * say so and are skipped.
 */
export const recordingsAvailable = fs.existsSync(path.join(SHARED, 'recordings', 'expected.jsonl'))
if (!recordingsAvailable)
  console.warn(
    'no ../shared/recordings beside the project: tests that replay recorded traffic are skipped',
  )

export interface Recording {
  readonly id: string
  readonly provider: 'openai' | 'anthropic' | 'gemini' | 'gemini-openai-compat'
  readonly operation: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string | string[]>>
    readonly body_text?: string
    readonly body_b64?: string
    /** Only the answer was recorded; the request is made up. */
    readonly synthetic?: boolean
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string | string[]>>
    readonly body_text?: string
    readonly body_b64?: string
  }
}

/** One row of expected.jsonl. */
export interface Expected {
  readonly id: string
  readonly model: string | null
  readonly model_requested: string | null
  readonly endpoint: string
  readonly status: number
  readonly stream: boolean
  readonly billable: boolean
  readonly usage_source: string
  readonly usage: Readonly<Record<string, number | null>> | null
  readonly cost_usd: number | null
  readonly cost_certain: boolean
  readonly prompt_text_sha256: string | null
  readonly completion_text: string | null
}

interface ExpectedRow extends Expected {
  /** Calls of hosted tools that the answer lists; then there is a cost with their fees. */
  readonly tool_fees?: object
  readonly cost_alternatives_usd?: readonly number[]
}

/** What a call cost includes the fees of the tools that ran. */
function withToolFees({ tool_fees, cost_alternatives_usd, ...row }: ExpectedRow): Expected {
  const [withFees] = tool_fees === undefined ? [] : (cost_alternatives_usd ?? [])
  return withFees === undefined ? row : { ...row, cost_usd: withFees }
}

interface ReceivedByReplay {
  readonly seq: number
  readonly id: string | null
  readonly matched: string
  readonly path: string
  readonly rawHeaders: readonly string[]
  readonly bodyEqual: boolean | null
  readonly pathEqual: boolean | null
}

interface ReplayModule {
  loadRecordings(where: string): Iterable<Recording>
  createReplay(
    recordings: readonly Recording[],
    plan?: string,
  ): (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>
  render(
    recording: Recording,
    plan?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; headers: Array<[string, string]>; pieces: Buffer[] }>
}

export interface Replay {
  readonly url: string
  readonly recordings: readonly Recording[]
  readonly expected: ReadonlyMap<string, Expected>
  render: ReplayModule['render']
  received(id: string): Promise<readonly ReceivedByReplay[]>
  close(): Promise<void>
}

/** The replay server of ../shared/tools on a free port, playing every recording. */
export async function startReplay(): Promise<Replay> {
  const module = (await import(
    pathToFileURL(path.join(SHARED, 'tools', 'replay-server.mjs')).href
  )) as ReplayModule
  const recordings = [...module.loadRecordings(path.join(SHARED, 'recordings'))]
  const lines = fs
    .readFileSync(path.join(SHARED, 'recordings', 'expected.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
  const expected = new Map(
    lines.map((line) => withToolFees(JSON.parse(line) as ExpectedRow)).map((row) => [row.id, row]),
  )
  const handle = module.createReplay(recordings)
  const server = await serveLoopback(
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  )
  return {
    ...server,
    recordings,
    expected,
    render: module.render,
    async received(id) {
      const response = await fetch(`${server.url}/__received?id=${encodeURIComponent(id)}`)
      return ((await response.json()) as { items: ReceivedByReplay[] }).items
    },
  }
}

export function bodyOf(message: {
  readonly body_text?: string
  readonly body_b64?: string
}): Buffer {
  return message.body_b64 !== undefined
    ? Buffer.from(message.body_b64, 'base64')
    : Buffer.from(message.body_text ?? '')
}
