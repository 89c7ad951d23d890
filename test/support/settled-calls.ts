import type { StoreClient } from '../../src/store/client/client.ts'

export interface SettledCalls {
  readonly org: string
  readonly count: number
  /** The first call; each other is a millisecond later. */
  readonly fromMs: number
  /** Milliseconds from one call's arrival in the store to the next one's. */
  readonly ingestedEveryMs?: number
  /** SQL of their user agent, of the number of the call. */
  readonly userAgent?: string
}

/** Many whole calls at once, as the table of records has them. */
export async function putSettledCalls(
  client: Pick<StoreClient, 'run'>,
  { org, count, fromMs, ingestedEveryMs = 1, userAgent = `'OpenAI/JS 6.49.0'` }: SettledCalls,
): Promise<void> {
  await client.run({
    tag: 'test',
    sql: `INSERT INTO calls_settled (org, created_at, record_id, provider, model, endpoint, method, status, outcome, source, stream,
        usage_source, input_tokens, output_tokens, cost_usd, cost_status, billable, usage_raw, key_id, user_agent, latency_ms, ingested_at, version)
      WITH {from_ms:Int64} + number AS ms, leftPad(lower(hex(toUInt64(ms))), 12, '0') AS time,
        toUUID(concat(substring(time, 1, 8), '-', substring(time, 9, 4), '-7000-8000-', leftPad(lower(hex(number)), 12, '0'))) AS id
      SELECT {org:String}, fromUnixTimestamp64Milli(ms, 'UTC'), id, 'openai', 'gpt-4o', '/v1/chat/completions', 'POST', 200, 'complete', 'proxy', false,
        'provider', 500 + number % 100, 100, 0.00832, 'exact', true, '{"prompt_tokens":512,"completion_tokens":128,"total_tokens":640}', 'key_1', ${userAgent}, 840,
        fromUnixTimestamp64Milli({from_ms:Int64} + number * {every_ms:Int64}, 'UTC'), 1
      FROM numbers({count:UInt64})`,
    params: { org, count, from_ms: fromMs, every_ms: ingestedEveryMs },
  })
}
