import fs from 'node:fs'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { startScriptedProvider } from './support/scripted-provider.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const PARTS = ['clickhouse', 'delivery', 'observer', 'gate', 'api', 'envoy'] as const
const CANARY = 'canaryofacrash0123456789abcdef'

const provider = useServer(startScriptedProvider)
const flint = useFlint(() => ({
  upstream: provider.url,
  env: { OPENAI_API_KEY: CANARY, SOMEBODYS_SECRET: CANARY },
}))

test('no part gets a secret that it does not read, and none leaves a core', () => {
  for (const part of PARTS) {
    const environment = fs.readFileSync(`/proc/${flint.pid(part)}/environ`, 'utf8')
    expect(environment, part).not.toContain(CANARY)
    expect(environment, part).not.toContain('FLINT_BOOTSTRAP_KEY')
    expect(fs.readFileSync(`/proc/${flint.pid(part)}/limits`, 'utf8'), part).toMatch(
      /^Max core file size\s+0\s+0/m,
    )
  }
})

/** '' where it has ended since. */
function nameOfThread(pid: number, thread: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8')
  } catch {
    return ''
  }
}

function crash(thread: number): void {
  try {
    process.kill(thread, 'SIGSEGV')
  } catch (error) {
    // The first one may have ended the whole process.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

test('Envoy that crashes under load says where, and nothing of the calls that it was serving', async () => {
  // Calls that are under way when it crashes, and in what its dump shows.
  let underWay = 0
  provider.answer(() => {
    underWay += 1
  })
  const body = JSON.stringify({
    model: 'gpt-4o',
    messages: [{ role: 'user', content: `prompt ${CANARY}` }],
  })
  const headers = {
    authorization: `Bearer ${flint.key}`,
    'x-provider-key': `sk-${CANARY}`,
    'content-type': 'application/json',
  }
  const url = `${flint.baseUrl}/v1/proxy/openai/chat/completions?q=${CANARY}`
  const calls = Array.from({ length: 40 }, () =>
    fetch(url, { method: 'POST', headers, body }).catch(() => null),
  )
  // Most of them: a busy machine may have turned one away.
  await vi.waitFor(() => expect(underWay).toBeGreaterThan(30), { timeout: 60_000 })
  const pid = flint.pid('envoy')
  const workers = fs
    .readdirSync(`/proc/${pid}/task`)
    .filter((thread) => nameOfThread(pid, thread).startsWith('wrk:worker'))
  expect(workers.length).toBeGreaterThan(0)
  for (const thread of workers) crash(Number(thread))
  await Promise.all(calls)
  const log = path.join(flint.dataDir, 'logs', 'envoy.log')
  await vi.waitFor(
    () =>
      expect(fs.readFileSync(log, 'utf8')).toMatch(/Caught Segmentation fault|suspect faulting/),
    // Its trace is made out of a binary of 100 MB.
    { timeout: 60_000 },
  )
  await vi.waitFor(async () => expect((await fetch(`${flint.baseUrl}/readyz`)).status).toBe(200), {
    timeout: 60_000,
    interval: 200,
  })
  for (const file of fs.readdirSync(path.join(flint.dataDir, 'logs')))
    expect(fs.readFileSync(path.join(flint.dataDir, 'logs', file), 'utf8'), file).not.toContain(
      CANARY,
    )
})
