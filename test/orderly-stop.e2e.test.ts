import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FlintUnderTest, isAlive, startFlint } from './support/flint.ts'
import { processTree } from './support/process-tree.ts'
import { PROVIDER_KEY } from './support/provider-key.ts'
import {
  chatCompletion,
  type ScriptedProvider,
  startScriptedProvider,
} from './support/scripted-provider.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'
import { until } from './support/until.ts'

let provider: ScriptedProvider
let dataDir: string
beforeAll(async () => {
  provider = await startScriptedProvider()
})
afterAll(() => provider?.close())
beforeEach(() => {
  dataDir = temporaryDirectory()
})

const start = () => startFlint({ upstream: provider.url, dataDir })
const call = (flint: FlintUnderTest) =>
  fetch(`${flint.baseUrl}/v1/proxy/openai/chat/completions`, {
    method: 'POST',
    body: '{"model":"gpt-4o","stream":true}',
    headers: {
      authorization: `Bearer ${flint.key}`,
      'x-provider-key': PROVIDER_KEY,
      'content-type': 'application/json',
      'x-flint-echo': '1',
    },
  })

/**
 * Sixteen callers, each with its next call as soon as one is answered, until they are refused; the
 * ids of answered calls.
 */
function callAtFullSpeed(flint: FlintUnderTest): {
  readonly answered: string[]
  readonly refused: Promise<unknown>
} {
  const answered: string[] = []
  const caller = async () => {
    for (;;) {
      const answer = await call(flint).catch(() => null)
      const text = await answer?.text().catch(() => null)
      if (!text) return
      answered.push(answer?.headers.get('x-flint-request-id') ?? `status ${answer?.status}`)
    }
  }
  return { answered, refused: Promise.all(Array.from({ length: 16 }, caller)) }
}

const exited = (flint: FlintUnderTest) =>
  new Promise((resolve) => flint.process.once('exit', resolve))

describe('an orderly stop', () => {
  test.each<[string, (flint: FlintUnderTest) => readonly number[]]>([
    ['SIGTERM to flint up', (flint) => [flint.process.pid ?? 0]],
    [
      'SIGTERM to every process of it at once, as systemd does',
      (flint) => processTree(flint.process.pid ?? 0),
    ],
  ])('loses nothing under full load: %s', async (_how, whom) => {
    provider.answer(
      (_request, response) =>
        void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(chatCompletion('hello')),
    )
    const flint = await start()
    const everybody = processTree(flint.process.pid ?? 0)
    const load = callAtFullSpeed(flint)
    await until('the load to be on', 60_000, () => load.answered.length > 200)
    const gone = exited(flint)
    for (const pid of whom(flint)) process.kill(pid, 'SIGTERM')
    expect(await gone).toBe(0)
    await load.refused
    expect(everybody.filter(isAlive)).toEqual([])
    const again = await start()
    try {
      const rows = await again.sql<{ id: string; outcome: string; input_tokens: number }>(
        'SELECT toString(record_id) AS id, outcome, input_tokens FROM calls',
      )
      const records = new Map(rows.map((row) => [row.id, `${row.outcome} ${row.input_tokens}`]))
      const notWhole = load.answered.filter((id) => records.get(id) !== 'complete 10')
      expect(notWhole.map((id) => [id, records.get(id)])).toEqual([])
      expect(rows.filter(({ outcome }) => outcome === 'capture_lost')).toEqual([])
    } finally {
      await again.stop()
    }
  })

  test('lets an answer that streams end whole, and takes no new call meanwhile', async () => {
    let sendRest = () => {}
    let streams = 0
    provider.answer((_request, response) => {
      if (streams++ > 0) return void response.end()
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(
        'data: {"id":"1","model":"gpt-4o","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n',
      )
      sendRest = () =>
        response.end(
          'data: {"id":"1","model":"gpt-4o","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}}\n\ndata: [DONE]\n\n',
        )
    })
    const flint = await start()
    const answer = await call(flint)
    const gone = exited(flint)
    flint.process.kill('SIGTERM')
    await until('new calls to be refused', 15_000, () =>
      call(flint).then(
        () => false,
        () => true,
      ),
    )
    sendRest()
    expect(await answer.text()).toMatch(/Hel[\s\S]*\[DONE\]/)
    expect(await gone).toBe(0)
    expect(flint.output()).toMatch(/no new calls[\s\S]*delivering/)
    const again = await start()
    try {
      expect((await again.records()).at(-1)).toMatchObject({
        outcome: 'complete',
        inputTokens: 10,
        outputTokens: 5,
      })
    } finally {
      await again.stop()
    }
  })
})
