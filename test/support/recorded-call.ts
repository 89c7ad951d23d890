import type { ShippedProvider } from '../../src/evidence/evidence.ts'

export interface RecordedMessage {
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body_text?: string
  readonly body_b64?: string
}

export interface Recording {
  readonly id: string
  readonly provider: ShippedProvider | 'gemini-openai-compat'
  readonly operation: string
  readonly request: RecordedMessage & {
    readonly method: string
    /** With its query. */
    readonly path: string
    /** Only the answer was recorded; the request is made up. */
    readonly synthetic?: boolean
  }
  readonly response: RecordedMessage & {
    readonly status: number
    /** How the answer was compressed on its way, where the recording holds it decoded. */
    readonly original_content_encoding?: string
  }
}

/** What has to be read of a call: one row of expected.jsonl. */
export interface Expected {
  readonly id: string
  readonly provider: ShippedProvider
  readonly operation: string
  readonly model: string | null
  readonly model_requested: string | null
  readonly endpoint: string
  readonly status: number
  readonly stream: boolean
  readonly billable: boolean
  readonly usage_source: string
  readonly usage: Readonly<Record<string, number | null>>
  readonly cost_usd: number | null
  readonly cost_certain: boolean
  readonly service_tier?: string
  readonly stream_error?: string
  /** Calls of hosted tools that the answer lists; then there is a cost with their fees. */
  readonly tool_fees?: { readonly web_searches: number; readonly storage_searches: number }
  readonly cost_alternatives_usd?: readonly number[]
  readonly parts?: readonly {
    readonly model: string
    readonly input: number
    readonly output: number
  }[]
  readonly prompt_text_sha256: string | null
  readonly completion_text: string | null
}

export interface RecordedCall {
  readonly recording: Recording
  readonly expected: Expected
}
