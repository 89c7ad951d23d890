import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import {
  sampleCall,
  sampleIntent,
  sampleObservation,
  sampleRecordId,
} from '../../evidence/sample-evidence.ts'
import type { ExportQueries } from '../../store/calls/export-queries.ts'
import { StoreError } from '../../store/client/store-error.ts'
import { RECORD_EXAMPLE } from '../audit/record-schema.ts'
import { stubApi } from '../stub-api.ts'
import { createExporter } from './exporter.ts'

type Row = Readonly<Record<string, unknown>>

const NOW = Date.now()
let flint: ApiOnStore
let reader: string

beforeAll(async () => {
  flint = await startApiOnStore()
  const made = await flint.ask('POST', '/v1/keys', { body: { name: 'reader', scopes: ['read'] } })
  reader = String(made.body.key)
})
beforeEach(async () => {
  for (const table of ['evidence', 'calls_settled'])
    await flint.store.client.run({ tag: 'test', sql: `TRUNCATE TABLE ${table}` })
})
afterAll(() => flint?.stop())

async function exported(query: Readonly<Record<string, string>>, key = flint.ours.key) {
  const answer = await flint.api.inject({
    method: 'GET',
    url: `/v1/audit/export?${new URLSearchParams(query)}`,
    headers: { authorization: `Bearer ${key}` },
  })
  return {
    status: answer.statusCode,
    headers: answer.headers,
    bytes: answer.rawPayload,
    text: answer.payload,
  }
}
async function rowsOf(query: Readonly<Record<string, string>> = {}, key?: string) {
  const { status, text } = await exported({ format: 'ndjson', ...query }, key)
  expect(status, text).toBe(200)
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): Row => JSON.parse(line))
}
const idsOf = (rows: readonly Row[]) => rows.map(({ requestId }) => String(requestId))
const events = async () =>
  (await flint.ask('GET', '/v1/audit/events?action=records.exported')).body.events

const call = (id: number, org = flint.ours.org) => ({ org, createdAtMs: NOW - 60_000 + id, id })
const idOf = (id: number) => sampleRecordId(NOW - 60_000 + id, id)

test('an export has every record of the list, with its fields and values, in the order of their arrival', async () => {
  await flint.put(...sampleCall(call(2)), sampleIntent(call(3)), ...sampleCall(call(9, 'org_else')))
  await flint.put(...sampleCall(call(1)))
  const { records } = (await flint.ask('GET', '/v1/audit')).body
  expect(records).toHaveLength(2)
  const rows = await rowsOf()
  expect(idsOf(rows)).toEqual([idOf(2), idOf(1)])
  for (const row of rows) {
    expect(Object.keys(row)).toEqual(Object.keys(RECORD_EXAMPLE))
    const listed = records.find(({ requestId }) => requestId === row.requestId)
    const usageRaw = row.usageRaw === null ? null : JSON.parse(String(row.usageRaw))
    expect({ ...row, usageRaw }).toEqual({ ...listed })
  }
})

test('an export has only the fields that it is asked for, in their order, and its event has them too', async () => {
  await flint.put(...sampleCall(call(1)))
  const { text } = await exported({ format: 'csv', fields: 'model,requestId' })
  expect(text).toBe(`"model","requestId"\n"${RECORD_EXAMPLE.model}","${idOf(1)}"\n`)
  expect(Object.keys((await rowsOf({ fields: 'tags,costUsd' }))[0] ?? {})).toEqual([
    'tags',
    'costUsd',
  ])
  expect(await events()).toContainEqual(
    expect.objectContaining({ new: expect.objectContaining({ fields: ['tags', 'costUsd'] }) }),
  )
  const refused = await exported({ format: 'csv', fields: 'requestId,org' })
  expect([refused.status, refused.text]).toEqual([
    400,
    expect.stringContaining('is no field of a record'),
  ])
})

test('CSV: one header, unknown is empty, and a cell that a spreadsheet would compute is made harmless', async () => {
  const cells = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', 'plain', '5=5', '"quoted"']
  await flint.put(
    ...cells.flatMap((cell, id) => [
      sampleIntent(call(id), { user_agent: cell, session_id: null, tags: { a: '=2' } }),
      sampleObservation(call(id)),
    ]),
  )
  const { text, headers } = await exported({ format: 'csv' })
  expect(headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
  expect(headers['content-disposition']).toBe('attachment; filename="flint-audit.csv"')
  const [head, ...lines] = text.split('\n')
  expect(head).toBe(
    Object.keys(RECORD_EXAMPLE)
      .map((name) => `"${name}"`)
      .join(','),
  )
  expect(lines.at(-1)).toBe('')
  for (const [id, cell] of cells.entries()) {
    const line = lines.find((candidate) => candidate.startsWith(`"${idOf(id)}"`)) ?? ''
    const written = id < 6 ? `'${cell}` : cell
    expect(line).toContain(`,,,"${written.replaceAll('"', '""')}",0,"{""a"":""=2""}",`)
    expect(line).not.toContain('\\N')
  }
  // Numbers are numbers, and no other format changes a cell.
  expect(lines[0]).toContain(',0.00832,')
  const plain = (await rowsOf()).map(({ userAgent }) => userAgent)
  expect(plain.toSorted()).toEqual(cells.toSorted())
})

describe('times of a CSV', () => {
  const AT = Date.parse('2026-10-25T00:30:00.007Z')
  /** On the day that clocks are set back in Berlin: before, between, after. */
  const times = [AT, AT + 3_600_000, AT + 7_200_000]
  const put = () =>
    flint.put(
      ...times.flatMap((createdAtMs, id) => sampleCall({ org: flint.ours.org, createdAtMs, id })),
    )
  const columnOf = async (query: Readonly<Record<string, string>>) => {
    const asked = { format: 'csv', fields: 'createdAt', from: '2026-10-01', ...query }
    const { status, text } = await exported(asked)
    expect(status, text).toBe(200)
    return text
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(1, -1))
  }

  test('are those of the zone that is asked for, with their distance from UTC, and the head names it', async () => {
    await put()
    expect(await columnOf({ timeZone: 'Europe/Berlin' })).toEqual([
      'createdAt (Europe/Berlin)',
      ...['2026-10-25T02:30:00.007+02:00', '2026-10-25T02:30:00.007+01:00'],
      '2026-10-25T03:30:00.007+01:00',
    ])
    for (const [timeZone, offset] of [
      ['Asia/Kathmandu', '+05:45'],
      ['America/St_Johns', '-02:30'],
      ['Asia/Kolkata', '+05:30'],
      ['UTC', 'Z'],
    ] as const) {
      const [head, ...cells] = await columnOf({ timeZone })
      expect(head).toBe(`createdAt (${timeZone})`)
      expect(cells[0]?.slice(23)).toBe(offset)
      expect(cells.map((cell) => Date.parse(cell))).toEqual(times)
    }
  })

  test('are UTC where no zone is asked for, under the names of the fields', async () => {
    await put()
    expect(await columnOf({})).toEqual([
      'createdAt',
      ...times.map((ms) => new Date(ms).toISOString()),
    ])
  })

  test('are instants in NDJSON whatever the zone', async () => {
    await put()
    const [first] = await rowsOf({ from: '2026-10-01', timeZone: 'Europe/Berlin' })
    expect(first?.createdAt).toBe('2026-10-25T00:30:00.007Z')
  })
})

test('Parquet: typed columns that an engine reads back', async () => {
  await flint.put(...sampleCall(call(1)), ...sampleCall(call(2)))
  const { bytes, headers } = await exported({ format: 'parquet' })
  expect(headers['content-type']).toBe('application/vnd.apache.parquet')
  const { client } = flint.store
  await client.run({
    tag: 'test',
    sql: `CREATE TABLE read_back (requestId String, costUsd Nullable(Decimal(38, 12)), stream Nullable(Bool),
      createdAt DateTime64(3, 'UTC'), tags Map(String, String), inputTokens Nullable(UInt64), promptHash Nullable(String)) ENGINE = Memory`,
  })
  await client.insert(
    {
      tag: 'test',
      sql: 'INSERT INTO read_back SETTINGS input_format_skip_unknown_fields = 1 FORMAT Parquet',
    },
    Readable.from([bytes], { objectMode: false }),
  )
  const rows = await client.rows({ tag: 'test', sql: 'SELECT * FROM read_back' })
  await client.run({ tag: 'test', sql: 'DROP TABLE read_back' })
  expect(idsOf(rows)).toEqual([idOf(1), idOf(2)])
  expect(rows[0]).toMatchObject({ costUsd: '0.00832', promptHash: null })
  expect(Date.parse(`${String(rows[0]?.createdAt).replace(' ', 'T')}Z`)).toBe(NOW - 59_999)
})

test('filters narrow an export as they narrow the list', async () => {
  await flint.put(
    sampleIntent(call(1), { tags: { team: 'a' } }),
    sampleObservation(call(1), { model: '-gpt' }),
    sampleIntent(call(2), { provider: 'gemini' }),
    sampleObservation(call(2)),
  )
  for (const [query, ids] of [
    [{ provider: 'gemini' }, [2]],
    [{ model: '-gpt' }, [1]],
    [{ tag: 'team:a' }, [1]],
    [{ from: new Date(NOW - 60_000 + 2).toISOString() }, [2]],
    [{ to: new Date(NOW - 60_000 + 2).toISOString() }, [1]],
    [{ model: 'none' }, []],
  ] as const) {
    const { text, headers } = await exported({ format: 'csv', ...query })
    const [, ...lines] = text.split('\n').slice(0, -1)
    const found = lines.map((line) => line.slice(1, 37))
    expect(found, JSON.stringify(query)).toEqual(ids.map(idOf))
    expect(headers['x-flint-rows']).toBe(String(ids.length))
  }
})

test('a download that broke anywhere is continued without a gap and without a repetition', async () => {
  for (let batch = 0; batch < 4; batch += 1)
    await flint.put(...Array.from({ length: 5 }, (_, n) => sampleCall(call(batch * 5 + n))).flat())
  const all = await rowsOf()
  expect(all).toHaveLength(20)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 19 }), async (cut) => {
      const last = all[cut]
      const rest = await rowsOf({
        ingestedFrom: String(last?.ingestedAt),
        after: String(last?.requestId),
      })
      expect(idsOf([...all.slice(0, cut + 1), ...rest])).toEqual(idsOf(all))
    }),
    { numRuns: 5 },
  )
  const whole = await rowsOf({ ingestedFrom: String(all[0]?.ingestedAt) })
  expect(idsOf(whole)).toEqual(idsOf(all))
})

test('an export is an event before its first byte: who, which filter, which format, how many', async () => {
  await flint.put(...sampleCall(call(1)), ...sampleCall(call(2)))
  const before = await events()
  await exported({ format: 'csv', model: 'gpt*', from: '2025-01-01' })
  const [event, ...earlier] = await events()
  expect(earlier).toHaveLength(before.length)
  expect(event).toMatchObject({
    actor: flint.ours.id,
    subject: flint.ours.org,
    new: {
      format: 'csv',
      rows: 2,
      prompts: false,
      rowsWithPrompts: 0,
      model: ['gpt*'],
      from: '2025-01-01',
    },
  })
})

test('previews and hashes are in it for the scope prompts alone, and only when asked for', async () => {
  await flint.put(
    sampleIntent(call(1), { capture: true }),
    sampleObservation(call(1), {
      capture: true,
      prompt_preview: 'the prompt',
      last_user_preview: 'the last',
      prompt_hash: 'the hash',
      completion_preview: 'the answer',
    }),
    ...sampleCall(call(2)),
  )
  const shown = {
    promptPreview: 'the prompt',
    lastUserPreview: 'the last',
    promptHash: 'the hash',
    completionPreview: 'the answer',
  }
  const hidden = Object.fromEntries(Object.keys(shown).map((name) => [name, null]))
  expect((await rowsOf())[0]).toMatchObject(hidden)
  expect((await rowsOf({}, reader))[0]).toMatchObject(hidden)
  expect((await rowsOf({ prompts: 'true' }))[0]).toMatchObject(shown)
  expect((await events())[0]?.new).toMatchObject({ prompts: true, rows: 2, rowsWithPrompts: 1 })
  for (const format of ['csv', 'ndjson', 'parquet']) {
    expect((await exported({ format })).bytes.toString('latin1')).not.toContain('the prompt')
    expect((await exported({ format, prompts: 'true' }, reader)).status).toBe(403)
  }
})

test('what does not fit is named', async () => {
  for (const [query, name] of [
    [{}, 'format'],
    [{ format: 'xlsx' }, 'format'],
    [{ format: 'csv', prompts: 'perhaps' }, 'prompts'],
    [{ format: 'csv', ingestedFrom: 'yesterday' }, 'ingestedFrom'],
    [{ format: 'csv', after: idOf(1) }, 'after'],
    [{ format: 'csv', ingestedFrom: '2025-01-01', after: 'x' }, 'after'],
    [{ format: 'csv', limit: '5' }, 'limit'],
  ] as const) {
    const { status, text } = await exported(query)
    expect(status, text).toBe(400)
    expect(text).toContain(`\\"${name}\\"`)
  }
})

/** An API whose exports have the rows that `read` gives, on a real socket. */
async function listening(read: ExportQueries['read'], log: string[] = []) {
  const api = stubApi({
    access: {
      authenticator: {
        authenticate: () => ({ org: 'org_1', keyId: 'key_1', scopes: ['read'] }),
      },
      failures: { note() {} },
      used() {},
    },
    exporter: createExporter({
      queries: { plan: async () => ({ rows: 2, rowsWithPrompts: 0, slices: [] }), read },
      log: {
        append: async () => {
          log.push('event')
          return ['id']
        },
      },
    }),
  })
  await api.listen({ port: 0, host: '127.0.0.1' })
  return api
}
const downloaded = (port: number) =>
  new Promise<{ status: number | undefined; isWhole: boolean; text: string }>((resolve, reject) => {
    const headers = { authorization: 'Bearer flnt_live_one' }
    const path = '/v1/audit/export?format=ndjson'
    http
      .get({ port, host: '127.0.0.1', path, headers }, (answer) => {
        let text = ''
        const done = () => resolve({ status: answer.statusCode, isWhole: answer.complete, text })
        answer.on('data', (part) => {
          text += part
        })
        answer.on('end', done)
        answer.on('error', done)
      })
      .on('error', reject)
  })

test('a store that fails in the middle breaks the download, which does not end as if it were whole', async () => {
  const failing = await listening(async function* () {
    yield Buffer.from('{"a":1}\n')
    throw new StoreError('broke off', { code: 395, retryable: true })
  })
  const { port } = failing.server.address() as AddressInfo
  expect(await downloaded(port)).toEqual({ status: 200, isWhole: false, text: '{"a":1}\n' })
  await failing.close()
  const whole = await listening(async function* () {
    yield Buffer.from('{"a":1}\n')
  })
  const other = whole.server.address() as AddressInfo
  expect(await downloaded(other.port)).toEqual({ status: 200, isWhole: true, text: '{"a":1}\n' })
  await whole.close()
})

test('a store that fails before the first byte is 503, and counting that takes too long is too_wide', async () => {
  for (const [code, expected] of [
    [395, { code: 'audit_unavailable' }],
    [159, { code: 'audit_unavailable', reason: 'too_wide' }],
  ] as const) {
    // biome-ignore lint/correctness/useYield: it fails before there is anything to give.
    const api = await listening(async function* () {
      throw new StoreError('refused', { code, retryable: true })
    })
    const { port } = api.server.address() as AddressInfo
    const { status, text } = await downloaded(port)
    expect(status).toBe(503)
    expect(JSON.parse(text).error).toMatchObject(expected)
    await api.close()
  }
})

test('an API that ends does not wait for a download', async () => {
  const log: string[] = []
  const api = await listening(async function* () {
    for (;;) {
      log.push('byte')
      yield Buffer.alloc(65_536, 10)
    }
  }, log)
  const { port } = api.server.address() as AddressInfo
  const first = new Promise<void>((resolve) => {
    const headers = { authorization: 'Bearer flnt_live_one' }
    const path = '/v1/audit/export?format=ndjson'
    http.get({ port, host: '127.0.0.1', path, headers }, (answer) => {
      answer.on('error', () => {})
      answer.once('readable', resolve)
    })
  })
  await first
  await api.close()
  expect(log.slice(0, 2)).toEqual(['event', 'byte'])
})
