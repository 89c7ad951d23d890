import { randomUUID } from 'node:crypto'
import { startDemoProvider } from '../../../src/demo/demo-provider.ts'
import { type FlintUnderTest, startFlint } from '../../support/flint.ts'
import { until } from '../../support/until.ts'
import { asAdmin } from './as-admin.ts'
import { CALLERS } from './seeded-profiles.ts'
import { seedStore } from './seeded-store.ts'

export interface SeededFlint extends FlintUnderTest {
  /** End of the seeded time, milliseconds since the epoch. */
  readonly endMs: number
  /** How many calls were seeded; those below come on top. */
  readonly calls: number
  /** `requestId` of a call whose prompt is kept: a conversation with a tool, and read once. */
  readonly conversation: string
}

interface SeededFlintOptions {
  /** Default: now. Records are readable for 90 days. */
  readonly endMs?: number
  readonly days?: number
  /** About so many calls. */
  readonly count?: number
  /** Name of the organisation. */
  readonly organisation?: string
}

/**
 * A whole Flint as after a month of use: calls of several keys and models, some of them lost,
 * unpriced or left early; prompt capture on, a prompt that was read, views, events.
 */
export async function startSeededFlint({
  endMs,
  days = 30,
  count = 24_000,
  organisation,
}: SeededFlintOptions = {}): Promise<SeededFlint> {
  const provider = await startDemoProvider({ eventDelayMs: 40 })
  const flint = await startFlint({ upstream: provider.upstream }).catch(async (error: Error) => {
    await provider.close()
    throw error
  })
  const stop = async () => {
    await flint.stop()
    await provider.close()
  }
  try {
    const ask = asking(flint)
    await ask('PATCH', '/settings', { promptCapture: true, reason: 'ticket 12' })
    const keyIds = await makeKeys(ask)
    const { org } = await ask<{ org: { id: string } }>('GET', '/me')
    if (organisation !== undefined)
      await flint.cli('orgs', 'rename', org.id, '--name', organisation)
    const seedEndMs = endMs ?? Date.now()
    const seed = { org: org.id, keyIds, endMs: seedEndMs, days, count }
    const calls = await seedStore({ dataDir: flint.dataDir, ...seed })
    const conversation = await makeConversation(flint)
    await leaveTraces(ask, conversation)
    return { ...flint, endMs: seedEndMs, calls, conversation, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Of paths below /v1. */
type Ask = <T>(method: Method, path: string, body?: object) => Promise<T>
type Method = Parameters<typeof asAdmin>[1]

const asking =
  (flint: FlintUnderTest): Ask =>
  (method, path, body) =>
    asAdmin(flint, method, path, body)

async function makeKeys(ask: Ask): Promise<Record<string, string>> {
  const ids: Record<string, string> = {}
  for (const { key: name } of CALLERS) {
    const made = await ask<{ id: string }>('POST', '/keys', { name, scopes: ['proxy'] })
    ids[name] = made.id
  }
  const left = await ask<{ id: string }>('POST', '/keys', { name: 'prototype' })
  await ask('DELETE', `/keys/${left.id}?reason=The+prototype+is+over`)
  return ids
}

/** A streamed call through Envoy whose text is kept. */
async function makeConversation({ baseUrl, key, settled }: FlintUnderTest): Promise<string> {
  const claimed = randomUUID()
  const lookUp = { name: 'look_up_clause', arguments: '{"contract":"C-204","clause":"payment"}' }
  const called = [{ id: 'call_1', type: 'function', function: lookUp }]
  const messages = [
    { role: 'system', content: 'You review contracts. Answer in three short points.' },
    { role: 'user', content: 'What does contract C-204 say about payment and liability?' },
    { role: 'assistant', content: null, tool_calls: called },
    {
      ...{ role: 'tool', tool_call_id: 'call_1' },
      content: '{"clause":"7.2","text":"Invoices are due within 30 days of receipt."}',
    },
    { role: 'user', content: 'Thank you. Also name the notice period, please.' },
  ]
  const answer = await fetch(`${baseUrl}/v1/proxy/openai/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'x-provider-key': 'sk-demo-000000000000000000000demo',
      'x-flint-request-id': claimed,
      'user-agent': 'OpenAI/JS 6.49.0',
    },
    body: JSON.stringify({
      ...{ model: 'gpt-4o', messages },
      ...{ stream: true, stream_options: { include_usage: true } },
    }),
  })
  if (!answer.ok) throw new Error(`the conversation: ${answer.status} ${await answer.text()}`)
  await answer.arrayBuffer()
  const [record] = await settled(1, { claimedRequestId: claimed })
  if (record?.promptCapture !== true) throw new Error('the conversation was not kept')
  return record.requestId
}

/** What people did with it: events of the identity log, and saved views. */
async function leaveTraces(ask: Ask, conversation: string): Promise<void> {
  const views = {
    'Refused by the provider': 'status=4xx&status=5xx&cols=time,model,status,key',
    'Team search, dearest first': 'tag=team:search&minCostUsd=0.01',
  }
  for (const [name, query] of Object.entries(views))
    await ask('POST', '/views', { name, query, shared: true })
  // Prompts have a way of their own to the store.
  await until('the prompt to be stored', 30_000, () =>
    ask('GET', `/audit/prompt/${conversation}?reason=ticket+17`).then(
      () => true,
      (error: Error) => {
        if (error.message.includes('not_yet_stored')) return false
        throw error
      },
    ),
  )
  await ask('PATCH', '/settings', { contentRetentionDays: 14, reason: 'Audit of the year' })
}
