import zlib from 'node:zlib'
import Table from 'cli-table3'
import { countTokens as cl100k } from 'gpt-tokenizer/encoding/cl100k_base'
import { countTokens as o200k } from 'gpt-tokenizer/encoding/o200k_base'
import { countExchange } from '../src/providers/counting/count-exchange.ts'
import { encodingOf } from '../src/providers/counting/encoding.ts'
import type { Recording } from '../test/support/recorded-call.ts'
import { bodyOf } from '../test/support/recorded-calls.ts'
import type { Replay } from '../test/support/replay.ts'

/*
 * Method (docs/accuracy.md): what Flint would have counted of calls whose provider did tell its
 * usage. A plain answer is counted as if it had come in one event. Signed relative error; pictures
 * are not counted, so calls with them have no input.
 */

type Json = Readonly<Record<string, unknown>>
const OPTIONS = { disallowedSpecial: new Set<string>() }
const isReasoning = (model: string) => /^(o\d|gpt-5|gpt-6)/.test(model)

/**
 * Prints how far the counts are from what the provider reported, over the recordings that carry
 * both.
 */
export function printCountingBand({
  recordings,
  expected,
}: Pick<Replay, 'recordings' | 'expected'>): void {
  const errors = new Map<string, number[]>()
  const note = (group: string, counted: number | null, reported: number | null | undefined) => {
    if (counted === null || reported == null || reported === 0) return
    errors.set(group, [...(errors.get(group) ?? []), (counted - reported) / reported])
  }
  for (const recording of recordings) {
    const row = expected.get(recording.id)
    if (row?.usage_source !== 'provider' || recording.response.status !== 200) continue
    const isChat = recording.provider === 'openai' && recording.operation === 'chat.completions'
    const isMessage = recording.operation === 'messages'
    if (!isChat && !isMessage) continue
    const model = row.model ?? ''
    const encode = encodingOf(model) === 'o200k_base' ? o200k : cl100k
    const format = isChat ? 'openai-chat' : 'anthropic-messages'
    const request = isChat ? bodyOf(recording.request) : null
    const counts = countExchange(
      { format, model, request, answer: Buffer.from(eventsOf(recording)) },
      (text) => encode(text, OPTIONS),
    )
    const hasTools = bodyOf(recording.request).includes('"tools"')
    if (isChat && recording.request.synthetic !== true)
      note(
        hasTools ? 'chat input, with tools' : 'chat input',
        counts.inputTokens,
        row.usage?.['input_tokens_total'],
      )
    const hidden = (row.usage?.['reasoning_tokens'] ?? 0) > 0 || isReasoning(model)
    note(
      isMessage
        ? 'Claude output'
        : hidden
          ? 'chat output, reasoning models'
          : eventsOf(recording).includes('"tool_calls":[{')
            ? 'chat output, tool calls'
            : 'chat output',
      counts.outputTokens,
      row.usage?.['output_tokens_total'],
    )
  }
  const table = new Table({
    head: ['counted', 'calls', 'p10', 'median', 'p90', 'exact'],
    style: { head: [], border: [] },
  })
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  for (const [group, list] of errors) {
    const sorted = list.sort((a, b) => a - b)
    const at = (share: number) =>
      percent(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
    table.push([
      group,
      sorted.length,
      at(0.1),
      at(0.5),
      at(0.9),
      percent(sorted.filter((error) => error === 0).length / sorted.length),
    ])
  }
  console.log(table.toString())
}

/** The answer as events; a plain one as a single one that says the same. */
function eventsOf({ response }: Recording): string {
  const raw = bodyOf(response)
  const body = (raw[0] === 0x1f ? zlib.gunzipSync(raw) : raw).toString()
  if (/^(event|data):/.test(body)) return body
  const answer = JSON.parse(body) as Json
  const choices = Array.isArray(answer['choices']) ? (answer['choices'] as Json[]) : []
  const chat = {
    choices: choices.map((choice) => ({
      index: choice['index'],
      delta: withIndexes(choice['message'] as Json | undefined),
    })),
  }
  const blocks = Array.isArray(answer['content']) ? (answer['content'] as Json[]) : []
  const messages = blocks.flatMap((block, index) => [
    { index, content_block: block['type'] === 'tool_use' ? block : {} },
    {
      index,
      delta: {
        text: block['text'],
        thinking: block['thinking'],
        ...(block['input'] ? { partial_json: JSON.stringify(block['input']) } : {}),
      },
    },
  ])
  return [chat, ...messages].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
}

function withIndexes(message: Json | undefined): Json {
  const calls = Array.isArray(message?.['tool_calls']) ? (message['tool_calls'] as Json[]) : []
  return { ...message, tool_calls: calls.map((call, index) => ({ ...call, index })) }
}
