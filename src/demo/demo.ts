import { connectStore, type Installation, keyAdmin } from '../installation.ts'
import type { RunningFlint } from '../supervisor/up.ts'
import { textTable } from '../text-table.ts'
import { connectSdks, type DemoSdks } from './demo-sdks.ts'
import { startTrickle, type Trickle } from './trickle.ts'

export interface DemoOptions {
  readonly flint: RunningFlint
  readonly installation: Installation
  readonly say: (line: string) => void
}

/** A record is promised within two seconds after its call; a loaded machine gets a little more. */
const PATIENCE_MS = 15_000
/** A demo that is left alone comes to its end. */
const DEMO_KEY_MS = 24 * 3_600_000

/**
 * A handful of calls with the three real SDKs through Envoy, then their records, then a few calls
 * more every few seconds until `stop`.
 */
export async function runDemo({ flint, installation, say }: DemoOptions): Promise<Trickle> {
  const store = connectStore(installation)
  const admin = keyAdmin(installation, store)
  let key = flint.firstKey?.key
  if (key === undefined) {
    const [organisation] = await admin.listOrganisations()
    key = (
      await admin.createKey({
        actor: 'cli',
        org: organisation?.id ?? '',
        name: 'demo',
        expiresAt: new Date(Date.now() + DEMO_KEY_MS),
      })
    ).key
  }
  await store.close()
  await keyIsKnown(flint.baseUrl, key)
  const since = new Date().toISOString()
  const sdks = await connectSdks(flint.baseUrl, key)
  const calls = demoCalls(sdks)
  say(`demo: ${calls.length} calls to a small local provider, with the real SDKs …`)
  for (const call of calls) await call()
  const records = await recordsSince(flint.baseUrl, key, since, calls.length)
  const columns = [
    'provider',
    'model',
    'endpoint',
    'status',
    'inputTokens',
    'outputTokens',
    'costUsd',
    'latencyMs',
    'outcome',
  ]
  const rows = [...records]
    .reverse()
    .map((record) => columns.map((column) => String(record[column] ?? '-')))
  say(
    textTable(
      ['provider', 'model', 'endpoint', 'status', 'in', 'out', 'cost USD', 'ms', 'outcome'],
      rows,
    ),
  )
  say(`demo: ${calls.length} calls, ${records.length} records`)
  say('demo: a few calls more every few seconds, until Ctrl-C')
  return startTrickle(sdks)
}

function demoCalls({
  openai,
  compatible,
  anthropic,
  gemini,
}: DemoSdks): Array<() => Promise<unknown>> {
  const messages = [{ role: 'user' as const, content: 'Summarise this contract in 3 bullets.' }]
  const drain = async (stream: AsyncIterable<unknown>) => {
    for await (const _ of stream);
  }
  const tools = [
    {
      type: 'function' as const,
      function: {
        name: 'lookup',
        parameters: { type: 'object', properties: { clause: { type: 'string' } } },
      },
    },
  ]
  return [
    () => openai.chat.completions.create({ model: 'gpt-4o', messages }),
    async () =>
      drain(
        await openai.chat.completions.create({
          model: 'gpt-4o',
          messages,
          stream: true,
          stream_options: { include_usage: true },
        }),
      ),
    () => openai.chat.completions.create({ model: 'gpt-4o', messages, tools }),
    () =>
      openai.responses.create({
        model: 'gpt-4o-mini',
        input: 'Summarise this contract in 3 bullets.',
      }),
    () => anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 256, messages }),
    async () =>
      drain(anthropic.messages.stream({ model: 'claude-haiku-4-5', max_tokens: 256, messages })),
    () =>
      gemini.models.generateContent({
        model: 'gemini-2.5-flash',
        contents: 'Summarise this contract in 3 bullets.',
      }),
    async () =>
      drain(
        await gemini.models.generateContentStream({
          model: 'gemini-2.5-flash',
          contents: 'Summarise this contract in 3 bullets.',
        }),
      ),
    () => compatible.chat.completions.create({ model: 'gemini-2.5-flash', messages }),
    // An error of the provider is a record too.
    () =>
      openai.chat.completions
        .create({ model: 'demo-overloaded', messages })
        .catch((error: { status?: number }) => error.status),
  ]
}

/** A key made a moment ago reaches gate and API with their next refresh. */
async function keyIsKnown(baseUrl: string, key: string): Promise<void> {
  await until(async () => (await readRecords(baseUrl, key, '')) !== null)
  // The gate answers missing_provider_key (400) to a key it knows and invalid_api_key (401) to
  // others.
  await until(
    async () =>
      (
        await fetch(`${baseUrl}/v1/proxy/openai/models`, {
          headers: { authorization: `Bearer ${key}` },
        })
      ).status === 400,
  )
}

async function recordsSince(
  baseUrl: string,
  key: string,
  since: string,
  wanted: number,
): Promise<ReadonlyArray<Record<string, unknown>>> {
  let records: ReadonlyArray<Record<string, unknown>> = []
  await until(async () => {
    records =
      (await readRecords(baseUrl, key, `?from=${encodeURIComponent(since)}&limit=500`)) ?? []
    return records.length >= wanted
  })
  return records
}

async function readRecords(
  baseUrl: string,
  key: string,
  query: string,
): Promise<ReadonlyArray<Record<string, unknown>> | null> {
  const response = await fetch(`${baseUrl}/v1/audit${query}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  if (!response.ok) return null
  return ((await response.json()) as { records: Array<Record<string, unknown>> }).records
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await isTrue()) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 100))
}
