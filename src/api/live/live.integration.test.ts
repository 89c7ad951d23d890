import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiOnStore, startApiOnStore } from '../../../test/support/api-on-store.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { sampleCall, sampleIntent, sampleObservation } from '../../evidence/sample-evidence.ts'

let flint: ApiOnStore
let address: string
let calls = 0
beforeAll(async () => {
  flint = await startApiOnStore()
  address = await flint.api.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => flint?.stop())

interface ServerEvent {
  readonly event: string
  readonly id: string | null
  readonly data: Readonly<Record<string, unknown>>
}

interface Follower {
  readonly status: number
  readonly events: readonly ServerEvent[]
  readonly hasEnded: boolean
  of(event: string): readonly ServerEvent['data'][]
  stop(): void
}

async function follow(
  query = '',
  { key = flint.ours.key, lastEventId = '' } = {},
): Promise<Follower> {
  const leave = new AbortController()
  const answer = await fetch(`${address}/v1/audit/live${query}`, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
    },
    signal: leave.signal,
  })
  const events: ServerEvent[] = []
  const follower = {
    status: answer.status,
    events,
    hasEnded: false,
    of: (event: string) => events.filter((each) => each.event === event).map(({ data }) => data),
    stop: () => leave.abort(),
  }
  const read = async () => {
    let text = ''
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const parts = (text + piece).split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) {
        const lines = new Map(
          part.split('\n').map((line): [string, string] => {
            const [name = '', ...rest] = line.split(': ')
            return [name, rest.join(': ')]
          }),
        )
        if (lines.has('event'))
          events.push({
            event: lines.get('event') ?? '',
            id: lines.get('id') ?? null,
            data: JSON.parse(lines.get('data') ?? 'null'),
          })
      }
    }
  }
  void read()
    .catch(() => {})
    .finally(() => {
      follower.hasEnded = true
    })
  if (answer.ok) await eventually(() => expect(follower.of('ping')).toEqual([{}]))
  return follower
}

async function put(model = 'gpt-4o', org = flint.ours.org): Promise<string> {
  calls += 1
  const call = { org, createdAtMs: Date.now() - 1_000, id: calls }
  const rows = sampleCall(call)
  await flint.put(
    ...rows,
    sampleObservation(call, { version: call.createdAtMs * 1_000 + 1, model }),
  )
  return rows[0]?.record_id ?? ''
}

const ids = (follower: Follower) => follower.of('record').map(({ requestId }) => requestId)

test('records come as they are stored, to those whose filters they meet', async () => {
  const all = await follow()
  const some = await follow('?model=gpt-5*&fields=requestId,model')
  const others = await follow('', { key: flint.theirs.key })
  const first = await put('gpt-4o')
  const second = await put('gpt-5-mini')
  await eventually(() => expect(ids(all)).toEqual([first, second]))
  await eventually(() =>
    expect(some.of('record')).toEqual([{ requestId: second, model: 'gpt-5-mini' }]),
  )
  expect(others.of('record')).toEqual([])
  for (const follower of [all, some, others]) follower.stop()
})

test('a record that changes comes again, one that is erased goes', async () => {
  const follower = await follow()
  const id = await put()
  await eventually(() => expect(ids(follower)).toEqual([id]))
  await flint.ask('DELETE', `/v1/audit/${id}`)
  await eventually(() => expect(follower.of('erased')).toEqual([{ requestId: id }]))
  follower.stop()
})

test('who comes back goes on where they were', async () => {
  const before = await follow()
  await put()
  await eventually(() => expect(before.of('record')).toHaveLength(1))
  before.stop()
  const missed = await put('gpt-5')
  const after = await follow('', { lastEventId: before.events.at(-1)?.id ?? '' })
  await eventually(() => expect(ids(after)).toContain(missed))
  after.stop()
})

test('an event id of another organisation, or one that Flint never gave, continues nothing', async () => {
  const follower = await follow()
  await put()
  await eventually(() => expect(follower.of('record')).toHaveLength(1))
  follower.stop()
  const id = follower.events.at(-1)?.id ?? ''
  const theirs = await follow('', { key: flint.theirs.key, lastEventId: id })
  expect(theirs.status).toBe(400)
  expect((await follow('', { lastEventId: 'x.y' })).status).toBe(400)
})

test('a call that is open is not shown before it has an outcome', async () => {
  const follower = await follow()
  calls += 1
  await flint.put(sampleIntent({ org: flint.ours.org, createdAtMs: Date.now(), id: calls }))
  const whole = await put()
  await eventually(() => expect(ids(follower)).toEqual([whole]))
  follower.stop()
})

test('the stream of a key that is revoked ends, and says so', async () => {
  const made = await flint.ask('POST', '/v1/keys', { body: { name: 'live', scopes: ['read'] } })
  const follower = await follow('', { key: made.body.key })
  await flint.ask('DELETE', `/v1/keys/${made.body.id}`)
  await put()
  await eventually(() => expect(follower.of('ended')).toEqual([{ code: 'invalid_api_key' }]))
  await eventually(() => expect(follower.hasEnded).toBe(true))
  expect(follower.of('record')).toEqual([])
})

test('an organisation has 25 streams at the most, and gets one back when another ends', async () => {
  const followers = await Promise.all(Array.from({ length: 25 }, () => follow()))
  expect(followers.map(({ status }) => status)).toEqual(Array(25).fill(200))
  expect((await follow()).status).toBe(429)
  const theirs = await follow('', { key: flint.theirs.key })
  expect(theirs.status).toBe(200)
  theirs.stop()
  followers[0]?.stop()
  await eventually(async () => {
    const next = await follow()
    next.stop()
    expect(next.status).toBe(200)
  })
  for (const follower of followers) follower.stop()
})

test('an API that stops ends its streams, and says so', async () => {
  // Those of the test before may still hold their places.
  const follower = await eventually(async () => {
    const next = await follow()
    expect(next.status).toBe(200)
    return next
  })
  await flint.api.close()
  await eventually(() => expect(follower.of('ended')).toEqual([{ code: 'audit_unavailable' }]))
  await eventually(() => expect(follower.hasEnded).toBe(true))
})
