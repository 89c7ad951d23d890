import type protobuf from 'protobufjs'
import {
  readAccessLog,
  readHeaders,
  readMetadata,
  readProcessingRequest,
} from '../src/extproc/messages.ts'
import { encodeForward } from '../src/extproc/replies.ts'
import {
  ACCESS_LOGS,
  PROCESSING_REQUEST,
  PROCESSING_RESPONSE,
} from '../test/support/envoy-messages.ts'
import { percentile } from './load.ts'

/**
 * What Envoy's messages cost, read and written by hand and by protobufjs' generated code
 * (docs/decisions/035): CPU microseconds a message, median of rounds that take turns. `node
 * dist/bench/codec.js`
 */
const ROUNDS = 15
const MESSAGES = 4_000

const encode = (of: protobuf.Type, message: object) =>
  Buffer.from(of.encode(of.fromObject(message)).finish())

const NAMESPACE = 'flint.audit'
const FIELDS = Object.fromEntries(
  ['record_id', 'org', 'key_id', 'key_hint', 'provider', 'mac'].map((name) => [
    name,
    'a value of about forty characters, this one',
  ]),
)
const struct = {
  fields: Object.fromEntries(
    Object.entries(FIELDS).map(([name, stringValue]) => [name, { stringValue }]),
  ),
}
const metadata = { filter_metadata: { [NAMESPACE]: struct } }
const headers = Array.from({ length: 16 }, (_, i) => ({
  key: `x-header-${i}`,
  raw_value: Buffer.from('a value of about forty characters, this one'),
}))
const firstMessage = encode(PROCESSING_REQUEST, {
  request_headers: { headers: { headers } },
  metadata_context: metadata,
  observability_mode: true,
})
const bodyMessage = encode(PROCESSING_REQUEST, {
  response_body: { body: Buffer.alloc(4_096, 1) },
  metadata_context: metadata,
  observability_mode: true,
})
const log = encode(ACCESS_LOGS, {
  http_logs: {
    log_entry: [
      {
        common_properties: {
          metadata,
          route_name: 'openai',
          duration: { seconds: 1, nanos: 2e6 },
          response_flags: {},
        },
        request: { request_body_bytes: 310, path: '/v1/proxy/openai/chat/completions' },
        response: {
          response_code: { value: 200 },
          response_body_bytes: 910,
          response_code_details: 'via_upstream',
        },
      },
    ],
  },
})
const set = [
  ['authorization', 'Bearer sk-provider-0123456789abcdefghijklmnopqrstuvwxyz'],
  [':path', '/v1/chat/completions'],
] as const
const remove = ['x-provider-key', 'x-flint-request-id', 'x-flint-echo']
const reply = {
  request_headers: {
    response: {
      header_mutation: {
        set_headers: set.map(([key, value]) => ({
          header: { key, raw_value: Buffer.from(value) },
          append_action: 2,
        })),
        remove_headers: remove,
      },
    },
  },
  dynamic_metadata: { fields: { [NAMESPACE]: { structValue: struct } } },
}

/**
 * By hand, and by the code that protobufjs generates; each does what the product needs of the
 * message.
 */
const CASES: Readonly<Record<string, readonly [byHand: () => unknown, generated: () => unknown]>> =
  {
    'first message of a call (16 headers, metadata)': [
      () => {
        const { member, metadata: context } = readProcessingRequest(firstMessage, true)
        readHeaders(member, () => {})
        return context && readMetadata(context, NAMESPACE)
      },
      () => PROCESSING_REQUEST.decode(firstMessage),
    ],
    'body message (4 KB)': [
      () => readProcessingRequest(bodyMessage, false),
      () => PROCESSING_REQUEST.decode(bodyMessage),
    ],
    'access log entry': [
      () => readAccessLog(log, NAMESPACE, () => {}),
      () => ACCESS_LOGS.decode(log),
    ],
    "the gate's answer": [
      () => encodeForward({ set, remove, namespace: NAMESPACE, metadata: FIELDS }),
      () => PROCESSING_RESPONSE.encode(PROCESSING_RESPONSE.create(reply)).finish(),
    ],
  }

function cpuUsOf(act: () => unknown): number {
  const before = process.cpuUsage()
  for (let message = 0; message < MESSAGES; message++) act()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / MESSAGES
}

for (const [name, [byHand, generated]] of Object.entries(CASES)) {
  const rounds = { byHand: [] as number[], generated: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    rounds.byHand.push(cpuUsOf(byHand))
    rounds.generated.push(cpuUsOf(generated))
  }
  const [hand, other] = [percentile(rounds.byHand, 50), percentile(rounds.generated, 50)]
  console.log(`${name.padEnd(48)} by hand ${hand.toFixed(2)} us, generated ${other.toFixed(2)} us`)
}
