import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js'
import { afterEach, expect, test } from 'vitest'
import { PROCESSING_REQUEST } from '../../test/support/envoy-messages.ts'
import { eventually } from '../../test/support/eventually.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import type { ObservationEvidence } from '../evidence/evidence.ts'
import { sampleRecordId } from '../evidence/sample-evidence.ts'
import { installationSecrets } from '../identity/secrets.ts'
import { createMetadataSeal } from './call-metadata.ts'

/*
 * The observer as a process of its own, and what it holds of memory while a client does to it what
 * Envoy might.
 */

const MAIN = path.resolve(import.meta.dirname, '../../dist/flint/main.js')
const PEPPER = 'pepper of a memory test'
/** Node itself, the code, and the streams of each case; docs/operations.md names it. */
const BOUND_BYTES = 450 * 1024 ** 2

let directory = ''
let child: ChildProcess | undefined
let clients: Client[] = []
afterEach(async () => {
  for (const client of clients) client.close()
  clients = []
  if (child && child.exitCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

async function start(env: Readonly<Record<string, string>> = {}) {
  directory = temporaryDirectory()
  const observer = spawn(process.execPath, [MAIN, 'observer'], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'] ?? '',
      FLINT_DATA_DIR: directory,
      FLINT_KEY_PEPPER: PEPPER,
      ...env,
    },
    stdio: 'ignore',
  })
  child = observer
  const socket = path.join(directory, 'run', 'observer.sock')
  await eventually(() => expect(fs.existsSync(socket)).toBe(true), 20_000)
  const seal = createMetadataSeal(
    installationSecrets(PEPPER, path.join(directory, 'secrets')).metadataSecret,
  )
  let most = 0
  const look = () => {
    const resident = /VmRSS:\s+(\d+) kB/.exec(
      fs.readFileSync(`/proc/${observer.pid}/status`, 'utf8'),
    )?.[1]
    most = Math.max(most, Number(resident) * 1024)
  }
  let id = 0
  const open = () => {
    // Envoy spreads streams over connections; one client holds a thousand here.
    if (id % 1_000 === 0)
      clients.push(
        new Client(`unix:${socket}`, credentials.createInsecure(), {
          'grpc.use_local_subchannel_pool': 1,
        }),
      )
    const fields = seal.seal(
      {
        recordId: sampleRecordId(Date.now(), id++),
        org: 'org_1',
        keyId: 'key_1',
        keyHint: null,
        provider: 'openai',
        capture: null,
      },
      false,
    )
    const context = {
      observability_mode: true,
      metadata_context: {
        filter_metadata: {
          'flint.audit': {
            fields: Object.fromEntries(
              Object.entries(fields).map(([key, stringValue]) => [key, { stringValue }]),
            ),
          },
        },
      },
    }
    const client = clients.at(-1)
    if (!client) throw new Error('no client')
    const stream = client.makeBidiStreamRequest(
      '/envoy.service.ext_proc.v3.ExternalProcessor/Process',
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    )
    stream.resume()
    const ended = new Promise<void>((resolve) => {
      for (const event of ['end', 'error', 'close', 'status']) stream.on(event, () => resolve())
    })
    const headers = (name: string, pairs: Readonly<Record<string, string>>) => ({
      [name]: {
        headers: {
          headers: Object.entries(pairs).map(([key, value]) => ({
            key,
            raw_value: Buffer.from(value),
          })),
        },
      },
    })
    const say = (message: object) =>
      write(
        stream,
        ended,
        Buffer.from(
          PROCESSING_REQUEST.encode(
            PROCESSING_REQUEST.fromObject({ ...message, ...context }),
          ).finish(),
        ),
      )
    return {
      say,
      ended,
      headers,
      body: (bytes: Buffer, end = false) =>
        say({ response_body: { body: bytes, end_of_stream: end } }),
    }
  }
  const rows = () => {
    const spool = path.join(directory, 'spool')
    return fs
      .readdirSync(spool, { recursive: true, encoding: 'utf8' })
      .filter((name) => /observer\/.*\.(open|ndjson)$/.test(name))
      .flatMap((name) => fs.readFileSync(path.join(spool, name), 'utf8').split('\n'))
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as ObservationEvidence)
      .filter((row) => row.final)
  }
  return { open, rows, look, most: () => most }
}

async function write(
  stream: ClientDuplexStream<Buffer, Buffer>,
  ended: Promise<void>,
  bytes: Buffer,
): Promise<void> {
  if (stream.write(bytes)) return
  await Promise.race([new Promise<void>((resolve) => stream.once('drain', () => resolve())), ended])
}

/** A call up to the first byte of its answer. */
async function begin({ open }: Awaited<ReturnType<typeof start>>, contentType: string) {
  const call = open()
  await call.say(
    call.headers('request_headers', {
      ':method': 'POST',
      ':path': '/v1/proxy/openai/chat/completions',
      'content-type': 'application/json',
    }),
  )
  await call.say({ request_body: { body: Buffer.from('{"model":"gpt-4o"}'), end_of_stream: true } })
  await call.say(
    call.headers('response_headers', { ':status': '200', 'content-type': contentType }),
  )
  return call
}

/** On a machine that is late for other reasons a bulky copy is let go: then the row says so. */
const wholeOrSaid = ({ gap, output_tokens, response_complete }: ObservationEvidence) =>
  gap === null
    ? output_tokens === 5 && response_complete
    : gap === 'observer_overloaded' && output_tokens === null

const USAGE = '"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}'

test('an answer of 100 MB', async () => {
  const observer = await start()
  const call = await begin(observer, 'application/json')
  await call.body(Buffer.from('{"model":"gpt-4o","choices":[{"message":{"content":"'))
  const megabyte = Buffer.alloc(1024 ** 2, 'x')
  for (let piece = 0; piece < 100; piece++) {
    await call.body(megabyte)
    observer.look()
  }
  await call.body(Buffer.from(`"}}],${USAGE}}`), true)
  await call.ended
  await eventually(() => expect(observer.rows().map(wholeOrSaid)).toEqual([true]), 60_000)
  expect(observer.most()).toBeLessThan(BOUND_BYTES)
})

test('100,000 messages of one byte, and 1,000,000 tiny events', async () => {
  const observer = await start()
  const slow = await begin(observer, 'application/json')
  const text = Buffer.from(
    `{"model":"gpt-4o","choices":[{"message":{"content":"${'y'.repeat(100_000)}"}}],${USAGE}}`,
  )
  for (let at = 0; at < text.length; at++) {
    await slow.body(text.subarray(at, at + 1), at === text.length - 1)
    if (at % 5_000 === 0) observer.look()
  }
  await slow.ended
  const many = await begin(observer, 'text/event-stream')
  const events = Buffer.from('data: {"choices":[{"delta":{"content":"z"}}]}\n\n'.repeat(1_000))
  for (let piece = 0; piece < 1_000; piece++) {
    await many.body(events)
    if (piece % 20 === 0) observer.look()
  }
  await many.body(Buffer.from(`data: {"choices":[],${USAGE}}\n\ndata: [DONE]\n\n`), true)
  await many.ended
  await eventually(() => expect(observer.rows().map(wholeOrSaid)).toEqual([true, true]), 60_000)
  expect(observer.most()).toBeLessThan(BOUND_BYTES)
})

test('10,000 open idle streams', async () => {
  const observer = await start()
  for (let stream = 0; stream < 10_000; stream++) {
    await begin(observer, 'text/event-stream')
    if (stream % 500 === 0) observer.look()
  }
  observer.look()
  expect(observer.rows()).toEqual([])
  expect(observer.most()).toBeLessThan(BOUND_BYTES)
})

test('over its budget the observer lets go of copies, and says so of each', async () => {
  const budget = 128 * 1024 ** 2
  const observer = await start({ FLINT_OBSERVER_MAX_MEMORY_BYTES: String(budget) })
  // As many as it takes: what a stream costs is the engine's business.
  for (let streams = 0; streams < 40_000 && observer.rows().length < 100; streams += 200) {
    for (let more = 0; more < 200; more++) await begin(observer, 'text/event-stream')
    observer.look()
  }
  await eventually(() => expect(observer.rows().length).toBeGreaterThan(100), 60_000)
  for (const row of observer.rows())
    expect(row).toMatchObject({ gap: 'observer_overloaded', response_complete: false })
  expect(observer.most()).toBeLessThan(budget + 150 * 1024 ** 2)
})
