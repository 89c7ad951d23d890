import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ACCESS_LOGS,
  PROCESSING_REQUEST,
  PROCESSING_RESPONSE,
} from '../../test/support/envoy-messages.ts'
import { createMessageSplitter } from './grpc-server.ts'
import {
  type AccessLogEntry,
  REQUEST_HEADERS,
  RESPONSE_BODY,
  readAccessLog,
  readBody,
  readHeaders,
  readMetadata,
  readProcessingRequest,
} from './messages.ts'
import { encodeForward, encodeRefusal } from './replies.ts'

const struct = (fields: Record<string, string>) => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, { stringValue: value }]),
  ),
})
/** Fields that no reader here knows, as a newer Envoy would send them: numbers 100 and 101. */
const unknownFields = fc.constantFrom(
  Buffer.alloc(0),
  Buffer.from([0xa0, 0x06, 0x07]),
  Buffer.from([0xaa, 0x06, 0x02, 0x68, 0x69]),
)
const text = fc.string({ unit: 'grapheme-ascii', maxLength: 40 })

describe('the hand-written readers agree with generated code', () => {
  test('on body messages, with metadata and unknown fields around them', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        fc.boolean(),
        fc.dictionary(text, text),
        unknownFields,
        unknownFields,
        (body, endOfStream, metadata, before, after) => {
          const known = PROCESSING_REQUEST.encode({
            response_body: { body, end_of_stream: endOfStream },
            metadata_context: { filter_metadata: { 'flint.audit': struct(metadata) } },
          }).finish()
          const message = readProcessingRequest(Buffer.concat([before, known, after]), true)
          expect(message.kind).toBe(RESPONSE_BODY)
          const read = readBody(message.member)
          expect(Buffer.from(read.body).equals(Buffer.from(body))).toBe(true)
          expect(read.endOfStream).toBe(endOfStream)
          expect(message.metadata && readMetadata(message.metadata, 'flint.audit')).toEqual(
            new Map(Object.entries(metadata)),
          )
        },
      ),
    )
  })

  test('on header messages', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), fc.boolean(), (headers, endOfStream) => {
        const member = {
          headers: {
            headers: headers.map(([key, value]) => ({
              key,
              raw_value: Buffer.from(value, 'latin1'),
            })),
          },
          end_of_stream: endOfStream,
        }
        const message = readProcessingRequest(
          PROCESSING_REQUEST.encode({ request_headers: member }).finish(),
          false,
        )
        const read: Array<[string, string]> = []
        expect(message.kind).toBe(REQUEST_HEADERS)
        expect(readHeaders(message.member, (name, value) => read.push([name, value]))).toBe(
          endOfStream,
        )
        expect(read).toEqual(headers)
      }),
    )
  })

  test('on access log entries', () => {
    const entry = {
      common_properties: {
        time_to_first_downstream_tx_byte: { seconds: 1, nanos: 500_000_000 },
        time_to_last_downstream_tx_byte: { seconds: 2, nanos: 250_000 },
        duration: { seconds: 3 },
        response_flags: { downstream_connection_termination: true, upstream_remote_reset: true },
        metadata: {
          filter_metadata: { other: struct({ a: 'b' }), 'flint.audit': struct({ record_id: 'r' }) },
        },
        route_name: 'openai',
      },
      request: { request_body_bytes: 5_000_000_000 },
      response: {
        response_code: { value: 502 },
        response_body_bytes: 12,
        response_code_details: 'via_upstream',
      },
    }
    const entries: AccessLogEntry[] = []
    readAccessLog(
      ACCESS_LOGS.encode(
        ACCESS_LOGS.fromObject({ http_logs: { log_entry: [entry, {}] } }),
      ).finish(),
      'flint.audit',
      (read) => entries.push(read),
    )
    expect(entries[0]).toEqual({
      metadata: new Map([['record_id', 'r']]),
      routeName: 'openai',
      status: 502,
      flags: [5, 15],
      details: 'via_upstream',
      requestBytes: 5_000_000_000,
      responseBytes: 12,
      firstByteMs: 1_500,
      lastByteMs: 2_000.25,
      durationMs: 3_000,
    })
    expect(entries[1]).toMatchObject({ metadata: null, status: null, flags: [], lastByteMs: null })
  })
})

describe('the hand-written replies are what generated code reads', () => {
  test('for a call that goes on', () => {
    const reply = encodeForward({
      set: [['x-api-key', 'k\u00e9']],
      remove: ['authorization', 'x-flint-echo'],
      namespace: 'flint.audit',
      metadata: { record_id: 'r', mac: 'm' },
    })
    expect(
      PROCESSING_RESPONSE.toObject(PROCESSING_RESPONSE.decode(reply), {
        bytes: String,
        enums: String,
      }),
    ).toEqual({
      request_headers: {
        response: {
          header_mutation: {
            set_headers: [
              {
                header: {
                  key: 'x-api-key',
                  raw_value: Buffer.from('k\u00e9', 'latin1').toString('base64'),
                },
                append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
              },
            ],
            remove_headers: ['authorization', 'x-flint-echo'],
          },
        },
      },
      dynamic_metadata: {
        fields: { 'flint.audit': { structValue: struct({ record_id: 'r', mac: 'm' }) } },
      },
    })
  })

  test('for a refusal', () => {
    const reply = PROCESSING_RESPONSE.toObject(
      PROCESSING_RESPONSE.decode(encodeRefusal(401, '{"a":1}', 'flint_invalid_api_key')),
      { bytes: String },
    )
    expect(reply['immediate_response']).toMatchObject({
      status: { code: 401 },
      body: Buffer.from('{"a":1}').toString('base64'),
      details: 'flint_invalid_api_key',
    })
  })
})

describe('the gRPC message splitter', () => {
  test('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 20 }),
        (messages, cuts) => {
          const wire = Buffer.concat(
            messages.flatMap((message) => {
              const prefix = Buffer.alloc(5)
              prefix.writeUInt32BE(message.length, 1)
              return [prefix, message]
            }),
          )
          const read: string[] = []
          const split = createMessageSplitter((message) => read.push(message.toString('hex')))
          for (let at = 0, turn = 0; at < wire.length; turn++) {
            const length = cuts[turn % cuts.length] ?? 1
            split(Buffer.from(wire.subarray(at, at + length)))
            at += length
          }
          expect(read).toEqual(messages.map((message) => Buffer.from(message).toString('hex')))
        },
      ),
    )
  })

  test('refuses compressed and oversized messages', () => {
    expect(() => createMessageSplitter(() => {})(Buffer.from([1, 0, 0, 0, 0]))).toThrow(
      /compressed/,
    )
    expect(() => createMessageSplitter(() => {})(Buffer.from([0, 0xff, 0, 0, 0]))).toThrow(/limit/)
  })
})
