import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { sampleIntent } from '../evidence/sample-evidence.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createQuarantine, createQuarantineCounters, type QuarantineOptions } from './quarantine.ts'

let root: string
beforeEach(() => {
  root = temporaryDirectory()
})

class Refused extends Error {}

function open(options: Partial<QuarantineOptions> = {}) {
  const letters = createDeadLetters(path.join(root, 'dead-letters'))
  const counters = createQuarantineCounters()
  const statements: string[] = []
  const quarantine = createQuarantine({
    directory: path.join(root, 'quarantine'),
    letters,
    insert: async (lines) => {
      statements.push(/"org":"(\w+)"/.exec(lines.toString())?.[1] ?? '')
      if (lines.includes('bad agent')) throw new Refused('code 27')
    },
    isRetryable: (error) => !(error instanceof Refused),
    erasedAmong: async () => new Set(),
    counters,
    ...options,
  })
  return { quarantine, letters, counters, statements }
}

let made = 0
const line = (org: string, agent = 'good') =>
  Buffer.from(
    `${JSON.stringify(sampleIntent({ org, createdAtMs: 1_760_000_000_000, id: made++ }, { user_agent: agent }))}\n`,
  )

describe('rows in quarantine', () => {
  test('take so many statements at a time, in turns by organisation', async () => {
    const { quarantine, statements } = open({ statementsPerPass: 6 })
    for (let batch = 0; batch < 9; batch++)
      quarantine.add('flood', [line('flood')], `flood ${batch}`)
    quarantine.add('one', [line('one')], 'one')
    quarantine.add('two', [line('two')], 'two')
    await quarantine.pass()
    expect(statements).toEqual(['flood', 'one', 'two', 'flood', 'flood', 'flood'])
  })

  test('of an earlier build are stored and buried under the names of today', async () => {
    const bodies: string[] = []
    const { quarantine, letters } = open({
      insert: async (lines) => {
        bodies.push(lines.toString())
        if (lines.includes('bad agent')) throw new Refused('code 27')
      },
    })
    const earlier = (agent: string) =>
      Buffer.from(line('org', agent).toString().replace('"writer":', '"witness":'))
    quarantine.add('org', [earlier('good'), earlier('bad agent')], 't')
    await quarantine.pass()
    expect(bodies.filter((body) => !body.includes('"writer":"sample/0"'))).toEqual([])
    const [place] = await letters.list()
    expect(place && (await letters.read(place))).toMatchObject({
      kind: 'intent',
      row: expect.stringContaining('"writer":"sample/0"'),
    })
  })

  test('wait on disk for the next start, and while the store is away', async () => {
    const away = open({ insert: () => Promise.reject(new Error('away')) })
    away.quarantine.add('org', [line('org'), line('org', 'bad agent')], 't')
    await expect(away.quarantine.pass()).rejects.toThrow('away')
    const next = open()
    expect([next.quarantine.holds('org'), next.counters.quarantineBytes > 0]).toEqual([true, true])
    await next.quarantine.pass()
    expect(next.counters).toMatchObject({
      deadLetters: 1,
      quarantineRowsStored: 1,
      quarantineBytes: 0,
    })
  })

  test('of an organisation that sends too many become letters without being kept apart', async () => {
    const { quarantine, counters, letters, statements } = open({
      maxBytesPerOrg: 1_000,
      statementsPerPass: 2,
    })
    quarantine.add(
      'org',
      Array.from({ length: 100 }, (_, at) => line('org', at === 50 ? 'bad agent' : 'good')),
      't',
    )
    await quarantine.pass()
    expect([statements.length, counters.deadLetters, (await letters.list()).length]).toEqual([
      2, 100, 100,
    ])
  })
})

test('after a refusal an organisation’s rows come to quarantine first for a while', async () => {
  let nowMs = 1_000_000
  const { quarantine } = open({ nowMs: () => nowMs, probationMs: 60_000 })
  quarantine.add('org', [line('org', 'bad agent')], 't')
  await quarantine.pass()
  expect([quarantine.holds('org'), quarantine.isEmpty, quarantine.holds('another')]).toEqual([
    true,
    false,
    false,
  ])
  nowMs += 60_000
  expect([quarantine.holds('org'), quarantine.isEmpty]).toEqual([false, true])
})
