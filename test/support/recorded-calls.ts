import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { packageRoot } from '../../src/config/package-root.ts'
import { ANTHROPIC_CALLS } from '../sample-calls/anthropic.ts'
import { AZURE_CALLS } from '../sample-calls/azure.ts'
import { BEDROCK_CALLS } from '../sample-calls/bedrock.ts'
import { GEMINI_CALLS } from '../sample-calls/gemini.ts'
import { OPENAI_CALLS } from '../sample-calls/openai.ts'
import { OPENAI_COMPATIBLE_CALLS } from '../sample-calls/openai-compatible.ts'
import { VERTEX_CALLS } from '../sample-calls/vertex.ts'
import type { Expected, RecordedCall, RecordedMessage, Recording } from './recorded-call.ts'

const DIRECTORY = path.resolve(packageRoot(), '../shared/recordings')

/** Recorded traffic lies beside the project, never in it. */
export const recordingsAvailable = fs.existsSync(path.join(DIRECTORY, 'expected.jsonl'))

/** Real traffic alone; empty where it is absent. */
export const REAL_CALLS: readonly RecordedCall[] = recordingsAvailable ? readRecordings() : []

/** Samples of providers of whose traffic there are no recordings. */
export const UNRECORDED_CALLS: readonly RecordedCall[] = [
  ...BEDROCK_CALLS,
  ...AZURE_CALLS,
  ...VERTEX_CALLS,
  ...OPENAI_COMPATIBLE_CALLS,
]

/** The samples, which are always there, and the real traffic. */
export const RECORDED_CALLS: readonly RecordedCall[] = [
  ...OPENAI_CALLS,
  ...ANTHROPIC_CALLS,
  ...GEMINI_CALLS,
  ...UNRECORDED_CALLS,
  ...REAL_CALLS,
]

function readRecordings(): readonly RecordedCall[] {
  const expected = new Map(
    linesOf<Expected>(fs.readFileSync(path.join(DIRECTORY, 'expected.jsonl'))).map((row) => [
      row.id,
      row,
    ]),
  )
  return fs
    .readdirSync(DIRECTORY)
    .filter((file) => file.endsWith('.jsonl.gz'))
    .flatMap((file) =>
      linesOf<Recording>(zlib.gunzipSync(fs.readFileSync(path.join(DIRECTORY, file)))),
    )
    .map((recording) => {
      const row = expected.get(recording.id)
      if (row === undefined) throw new Error(`${recording.id} is not in expected.jsonl`)
      return { recording, expected: row }
    })
}

function linesOf<Row>(text: Buffer): Row[] {
  return text
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Row => JSON.parse(line))
}

/** The body as it was recorded, compressed where its headers say so. */
export function bodyOf({ body_text, body_b64 }: RecordedMessage): Buffer {
  return body_b64 === undefined ? Buffer.from(body_text ?? '') : Buffer.from(body_b64, 'base64')
}

export function headerOf({ headers }: RecordedMessage, wanted: string): string | undefined {
  const value = Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1]
  return typeof value === 'string' ? value : value?.[0]
}

export function decodedBody(message: RecordedMessage): Buffer {
  const encoding = headerOf(message, 'content-encoding')
  if (encoding === 'gzip') return zlib.gunzipSync(bodyOf(message))
  if (encoding === 'br') return zlib.brotliDecompressSync(bodyOf(message))
  return bodyOf(message)
}
