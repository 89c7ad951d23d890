import type { FlintUnderTest, ListedRecord } from './flint.ts'
import type { Recording } from './recorded-call.ts'
import { until } from './until.ts'

/** Whose prompts have an expected hash. */
const WITH_PROMPTS = [
  'chat.completions',
  'responses',
  'messages',
  'generateContent',
  'streamGenerateContent',
  'converse',
  'converse-stream',
  'invoke',
  'invoke-with-response-stream',
]
/** Whose answers have an expected text. */
const WITH_COMPLETIONS = [...WITH_PROMPTS, 'completions']

/**
 * Whether a hash is expected of its prompt; null counts as one. A request that was made up has
 * none.
 */
export function hasPrompt({ operation, request }: Recording): boolean {
  return WITH_PROMPTS.includes(operation) && request.synthetic !== true
}

/** Whether a text is expected of its answer; null counts as one. */
export function hasCompletion({ operation }: Recording): boolean {
  return WITH_COMPLETIONS.includes(operation)
}

/** As many reads of prompts as there are recordings, in less than a minute. */
export const ENOUGH_REQUESTS = { FLINT_API_REQUESTS_PER_MINUTE: '100000' }

/**
 * Keeps all of the provider's own text; `probe` makes one call under an id and is repeated until
 * the gate goes by the setting.
 */
export async function captureText(
  flint: FlintUnderTest,
  probe: (claim: string) => Promise<unknown>,
): Promise<void> {
  const response = await fetch(`${flint.baseUrl}/v1/settings`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${flint.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      promptCapture: true,
      redactStoredContent: false,
      promptHashMode: 'sha256',
    }),
  })
  if (response.status !== 200)
    throw new Error(`PATCH /v1/settings: ${response.status} ${await response.text()}`)
  await until('prompt capture to be in force', 60_000, async () => {
    const claim = `probe-${crypto.randomUUID()}`
    await probe(claim)
    let found: ListedRecord | undefined
    await until(`the record of ${claim}`, 20_000, async () => {
      found = (await flint.records()).find(({ claimedRequestId }) => claimedRequestId === claim)
      return found !== undefined
    })
    return found?.promptCapture === true
  })
}

/**
 * The stored completion of each record by its claimed id; null where the answer had no text. Four
 * reads at a time.
 */
export async function storedCompletions(
  flint: FlintUnderTest,
  records: readonly ListedRecord[],
): Promise<ReadonlyMap<string, string | null>> {
  const completions = new Map<string, string | null>()
  const queue = [...records]
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift())
      completions.set(next.claimedRequestId ?? '', await storedCompletion(flint, next.requestId))
  }
  await Promise.all([worker(), worker(), worker(), worker()])
  return completions
}

async function storedCompletion(flint: FlintUnderTest, requestId: string): Promise<string | null> {
  let completion: string | null = null
  await until(`the words of ${requestId}`, 20_000, async () => {
    const response = await fetch(`${flint.baseUrl}/v1/audit/prompt/${requestId}`, {
      headers: { authorization: `Bearer ${flint.key}` },
    })
    const body = (await response.json()) as {
      completion?: string | null
      error?: { reason?: string }
    }
    if (body.error?.reason === 'not_yet_stored') return false
    if (response.status !== 200 && body.error?.reason !== 'no_content')
      throw new Error(
        `GET /v1/audit/prompt/${requestId}: ${response.status} ${JSON.stringify(body)}`,
      )
    completion = body.completion ?? null
    return true
  })
  return completion
}
