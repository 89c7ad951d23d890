import fs from 'node:fs'
import path from 'node:path'
import type { IntentEvidence } from '../evidence/evidence.ts'

/** An intent that says its number, for tests of the spool; `padding` makes it longer. */
export function numberedRow(number: number, padding = 0): IntentEvidence {
  return {
    kind: 'intent',
    org: 'org_1',
    created_at: '2026-01-01 00:00:00.000',
    record_id: `0199c0de-0000-7000-8000-${number.toString(16).padStart(12, '0')}`,
    version: number,
    writer: 'sample/0',
    provider: 'openai',
    method: 'POST',
    endpoint: '/v1/chat/completions',
    key_id: 'key_1',
    key_hint: null,
    error_code: null,
    status: null,
    claimed_request_id: null,
    caller_request_id: null,
    trace_id: null,
    user_agent: 'x'.repeat(padding),
    retry_count: null,
    tags: {},
    capture: false,
    credential: null,
    session_id: null,
    workload: null,
    namespace: null,
    service_account: null,
    cluster: null,
    identity_basis: null,
    envoy_run: null,
  }
}

/**
 * The numbers in a directory's segments, by name order, open ones too; fails on a line that is no
 * row.
 */
export function numbersIn(directory: string): number[] {
  for (;;) {
    const names = segmentNames(directory)
    try {
      return names.flatMap((name) =>
        linesOf(fs.readFileSync(path.join(directory, name), 'utf8'), name),
      )
    } catch (error) {
      // A living spool gives segments their closed name at any moment: then the list is read again.
      if (String(segmentNames(directory)) === String(names)) throw error
    }
  }
}

function segmentNames(directory: string): string[] {
  return fs
    .readdirSync(directory)
    .filter((name) => name.endsWith('.ndjson') || name.endsWith('.open'))
    .sort()
}

function linesOf(text: string, name: string): number[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error(`${name} ends in a torn line`)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as IntentEvidence).version)
}
