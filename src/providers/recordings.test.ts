import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { EXPECTED_BUCKETS } from '../../test/support/expected-buckets.ts'
import type { Expected, RecordedMessage, Recording } from '../../test/support/recorded-call.ts'
import {
  bodyOf,
  decodedBody,
  headerOf,
  RECORDED_CALLS,
  recordingsAvailable,
} from '../../test/support/recorded-calls.ts'
import type { TokenUsage } from '../evidence/usage.ts'
import { heldByMessages, heldByText } from './fixtures/said-messages.ts'
import {
  createExchangeReader,
  type ExchangeFacts,
  type ToolCall,
} from './reading/exchange-reader.ts'
import { extractFromReport } from './reading/report.ts'
import { definitionNamed } from './registry.ts'

/** Whose text is reported. */
const READ_OPERATIONS = [
  'chat.completions',
  'responses',
  'messages',
  'generateContent',
  'streamGenerateContent',
]
/**
 * null is the whole body at once; the odd sizes split lines, characters, escapes and gzip members.
 * Single bytes: only of bodies under 64 KB.
 */
const CHUNK_SIZES = [null, 1, 7, 113, 4_096]
const TEXT_CHUNK_SIZES = [null, 113, 37]

const USAGE_FIELDS: Readonly<Record<keyof TokenUsage, string>> = EXPECTED_BUCKETS
const isBucket = (name: string): name is keyof TokenUsage => name in EXPECTED_BUCKETS
const USAGE_KEYS = Object.keys(EXPECTED_BUCKETS).filter(isBucket)

const rows = RECORDED_CALLS.map(({ recording, expected }) => ({
  interaction: recording,
  expected,
  isRead: READ_OPERATIONS.includes(recording.operation),
}))

describe.each(CHUNK_SIZES)('recorded traffic, chunks of %s bytes', (chunkBytes) => {
  test('of every endpoint gives exactly the expected facts', { timeout: 240_000 }, async () => {
    const wrong: unknown[] = []
    for (const { interaction, expected } of rows.filter((row) =>
      isFeasible(row.interaction, chunkBytes),
    )) {
      const facts = await play(interaction, expected, chunkBytes)
      const seen = comparable(facts)
      const wanted = comparableExpected(expected)
      if (JSON.stringify(seen) !== JSON.stringify(wanted))
        wrong.push({ id: interaction.id, seen, wanted })
      // Reported only where it changes a price.
      if (expected.service_tier !== undefined && facts.serviceTier !== expected.service_tier)
        wrong.push({
          id: interaction.id,
          serviceTier: facts.serviceTier,
          wanted: expected.service_tier,
        })
    }
    expect(wrong).toEqual([])
  })
})

describe.each(TEXT_CHUNK_SIZES)(
  'the text of recorded traffic, chunks of %s bytes',
  (chunkBytes) => {
    const withText = rows.filter(({ interaction }) =>
      [...READ_OPERATIONS, 'completions'].includes(interaction.operation),
    )

    test('are exactly the expected prompt and completion, and reading them changes no other fact', {
      timeout: 120_000,
    }, async () => {
      const wrong: unknown[] = []
      for (const { interaction, expected, isRead } of withText) {
        const { text, ...facts } = await play(interaction, expected, chunkBytes, true)
        const { text: none, ...plain } = await play(interaction, expected, chunkBytes)
        expect([interaction.id, facts, null]).toEqual([interaction.id, plain, none])
        if (text !== null && text !== undefined)
          expect([interaction.id, heldByMessages(text)]).toEqual([interaction.id, heldByText(text)])
        // No prompt text is reported of legacy completions, nor where the request was made up.
        const prompt =
          isRead && interaction.request.synthetic !== true
            ? [text?.prompt?.hashSha256 ?? null, expected.prompt_text_sha256]
            : []
        // An answer without visible text (tool calls only) is '' there and null here.
        const completion = [text?.completion?.full ?? '', expected.completion_text ?? '']
        const pairs = [...prompt, ...completion]
        if (prompt[0] !== prompt[1] || completion[0] !== completion[1])
          wrong.push({ id: interaction.id, operation: interaction.operation, pairs })
        expect([
          interaction.id,
          text?.prompt?.truncated ?? false,
          text?.completion?.truncated ?? false,
        ]).toEqual([interaction.id, false, false])
      }
      expect(wrong).toEqual([])
    })
  },
)

describe.each(TEXT_CHUNK_SIZES)(
  'what recorded answers carry besides text, chunks of %s bytes',
  (chunkBytes) => {
    test('has the hashes of all base64 that stands where images and sound stand', {
      timeout: 120_000,
    }, async () => {
      const wrong: unknown[] = []
      let reported = 0
      for (const { interaction, expected } of rows.filter(
        (row) => row.interaction.response.status < 300,
      )) {
        const wanted = new Set(mediaOf(parsedAnswer(decoded(interaction.response))).map(sha256))
        if (wanted.size === 0) continue
        reported++
        const attachments =
          (await play(interaction, expected, chunkBytes, true)).text?.attachments ?? []
        const seen = attachments.filter(
          ({ direction, sha256: hash }) => direction === 'response' && hash !== null,
        )
        const hashes = seen.map(({ sha256: hash }) => hash)
        // Each once, though streams of responses tell them twice.
        if (JSON.stringify([...hashes].sort()) !== JSON.stringify([...wanted].sort()))
          wrong.push({ id: interaction.id, hashes, wanted })
      }
      expect(wrong).toEqual([])
      expect(reported).toBeGreaterThan(recordingsAvailable ? 5 : 0)
    })
  },
)

test('reported by a client gives the same model, usage and completion as through the proxy', {
  timeout: 60_000,
}, async () => {
  const wrong: unknown[] = []
  for (const { interaction, expected } of rows.filter((row) => row.isRead)) {
    const { text, ...facts } = await play(interaction, expected, null, true)
    const report = {
      provider: definitionNamed(expected.provider),
      endpoint: expected.endpoint,
      status: interaction.response.status,
    }
    const body = decoded(interaction.response)
    for (const response of [body, parsedAnswer(body)]) {
      const { text: said, ...reported } = extractFromReport({ ...report, response }, { text: true })
      const seen = [
        comparable({ ...reported, text: null }),
        said?.completion?.full,
        said?.toolCalls.map(compact),
      ]
      const model = facts.model === facts.requestModel ? reported.model : facts.model
      // A report has no request that could have named the model.
      const wanted = [
        { ...comparable({ ...facts, text: null }), model, requestModel: reported.requestModel },
        text?.completion?.full,
        text?.toolCalls.map(compact),
      ]
      if (JSON.stringify(seen) !== JSON.stringify(wanted))
        wrong.push({ id: interaction.id, seen, wanted })
    }
  }
  expect(wrong).toEqual([])
})

test('counts no member of a usage object as unknown', async () => {
  const unknown = new Set<string>()
  for (const { interaction, expected } of rows)
    for (const name of (await play(interaction, expected, null)).unknownUsage)
      unknown.add(`${interaction.operation} ${name}`)
  expect([...unknown]).toEqual([])
})

function comparable(facts: ExchangeFacts) {
  return {
    model: facts.model,
    requestModel: facts.requestModel,
    stream: facts.stream,
    usageSource: facts.usageSource,
    billable: facts.billable,
    streamError: facts.streamError,
    unreadable: facts.unreadable,
    usage: USAGE_KEYS.map((key) => facts.usage[key]),
    webSearches: facts.billed.webSearches || null,
    fileSearches: facts.billed.fileSearches,
    audioSeconds: facts.billed.audioSeconds,
    unknownEndpoint: facts.unknownEndpoint,
  }
}

function comparableExpected(expected: Expected): ReturnType<typeof comparable> {
  return {
    model: expected.model,
    requestModel: expected.model_requested,
    stream: expected.stream,
    usageSource: expected.usage_source === 'provider' ? 'provider' : 'none',
    billable: expected.billable,
    streamError: expected.stream_error ?? null,
    unreadable: null,
    usage: USAGE_KEYS.map((key) => expected.usage[USAGE_FIELDS[key]] ?? null),
    webSearches: expected.usage.web_searches ?? (expected.tool_fees?.web_searches || null),
    fileSearches: expected.tool_fees?.storage_searches || null,
    audioSeconds: expected.usage.audio_seconds ?? null,
    unknownEndpoint: false,
  }
}

function play(
  { request, response }: Recording,
  { provider, endpoint }: Expected,
  chunkBytes: number | null,
  text = false,
): Promise<ExchangeFacts> {
  const start = {
    provider: definitionNamed(provider),
    method: request.method,
    endpoint,
    query: request.path.split('?')[1] ?? '',
    contentType: headerOf(request, 'content-type') ?? null,
    contentEncoding: headerOf(request, 'content-encoding') ?? null,
  }
  const reader = createExchangeReader(start, { text })
  for (const chunk of chunksOf(bodyOf(request), chunkBytes)) reader.requestBody(chunk)
  reader.requestEnd()
  reader.responseStart({
    status: response.status,
    contentType: headerOf(response, 'content-type') ?? null,
    contentEncoding: headerOf(response, 'content-encoding') ?? null,
    header: (name) => headerOf(response, name),
  })
  for (const chunk of chunksOf(bodyOf(response), chunkBytes)) reader.responseBody(chunk)
  reader.responseEnd()
  return new Promise((resolve) => reader.finish(resolve))
}

function asJson(text: string): unknown {
  return JSON.parse(text)
}

/** A report's arguments were parsed and written again on their way: only white space is lost. */
function compact(call: ToolCall): unknown {
  try {
    return { ...call, argumentsJson: asJson(call.argumentsJson ?? '') }
  } catch {
    return call
  }
}

function decoded(response: RecordedMessage): string {
  return decodedBody(response).toString()
}

/**
 * The bytes of images and sound anywhere in an answer, by the names of members alone: where they
 * stand is not looked at.
 */
function mediaOf(value: unknown): Buffer[] {
  if (Array.isArray(value)) return value.flatMap(mediaOf)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const isMedia =
      name === 'b64_json' ||
      (name === 'data' && ('mimeType' in value || 'transcript' in value)) ||
      // Tools give back results, too.
      (name === 'result' && 'type' in value && value.type === 'image_generation_call')
    return isMedia && typeof member === 'string' && member !== ''
      ? [Buffer.from(member, 'base64')]
      : mediaOf(member)
  })
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** What an SDK would hand out: an object, or the events of a stream. */
function parsedAnswer(body: string): unknown {
  const events = body
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:') && !line.includes('[DONE]'))
  if (events.length > 0)
    return events.map((line): unknown => JSON.parse(line.slice('data:'.length)))
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function isFeasible({ request, response }: Recording, chunkBytes: number | null): boolean {
  return chunkBytes !== 1 || bodyOf(request).length + bodyOf(response).length < 65_536
}

function* chunksOf(body: Buffer, chunkBytes: number | null): Generator<Uint8Array> {
  if (body.length === 0) return
  // A plain Uint8Array over memory that is overwritten afterwards: code that keeps a view of it is
  // found out.
  const step = chunkBytes ?? body.length
  const scratch = new Uint8Array(step)
  for (let at = 0; at < body.length; at += step) {
    const chunk = body.subarray(at, at + step)
    scratch.set(chunk)
    yield scratch.subarray(0, chunk.length)
    scratch.fill(0x22)
  }
}
