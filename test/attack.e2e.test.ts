import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { ATTACKS, attackFor } from './attack/attacks.ts'
import { goodCallers } from './attack/good-callers.ts'
import { startAttackedProvider } from './attack/provider.ts'
import { until } from './support/until.ts'
import { useFlint, useServer } from './support/use-flint.ts'

/* The short form of `npm run attack`: the same attacks, and counts alone. */

const SECONDS = 3
const SECONDS_AFTER = 2

let attackerKey: string
const provider = useServer(startAttackedProvider)
const flint = useFlint(() => ({ upstream: provider.url }))
beforeAll(async () => {
  const made = JSON.parse(await flint.cli('orgs', 'create', '--name', 'Attacker', '--json')) as {
    organisation: { id: string }
    key: { key: string }
  }
  attackerKey = made.key.key
  await flint.cli('settings', 'set', '--org', made.organisation.id, '--prompt-capture', 'on')
  await until(
    'the new key',
    10_000,
    async () => (await ask('/v1/settings', attackerKey)).status === 200,
  )
})

const ask = (path: string, key = flint.key) =>
  fetch(flint.baseUrl + path, { headers: { authorization: `Bearer ${key}` } })
const PARTS = ['clickhouse', 'delivery', 'observer', 'gate', 'api', 'envoy'] as const
const pids = () => PARTS.map((part) => flint.pid(part))

describe('while one organisation attacks, another notices nothing', () => {
  test.each(ATTACKS.map((attack) => [attack.name, attack] as const))('%s', async (name, attack) => {
    const before = pids()
    const round = String(ATTACKS.indexOf(attack))
    const good = goodCallers(flint.baseUrl, flint.key, round)
    const questions: number[] = []
    const asking = setInterval(
      () =>
        void ask('/v1/audit?limit=1').then(
          ({ status }) => questions.push(status),
          () => questions.push(0),
        ),
      500,
    )
    await attackFor(attack, { baseUrl: flint.baseUrl, key: attackerKey, size: 1 }, SECONDS)
    // Some of what an attack asks for is worked off after its answer.
    await pause(SECONDS_AFTER * 1_000)
    clearInterval(asking)
    const { answered, failures } = await good.stop()

    expect(failures, name).toEqual([])
    expect(answered).toBeGreaterThan(20)
    expect(questions.filter((status) => status !== 200)).toEqual([])
    expect(pids(), 'no part ended').toEqual(before)
    let records: readonly {
      readonly outcome: string
      readonly captureGap: string | null
      readonly inputTokens: number | null
    }[] = []
    await until('every good call on record', 60_000, async () => {
      const rows = await flint.sql<{
        outcome: string
        capture_gap: string | null
        input_tokens: number | null
      }>(
        `SELECT outcome, capture_gap, input_tokens FROM calls_folded WHERE outcome IS NOT NULL AND tags['round'] = '${round}'`,
      )
      records = rows.map((row) => ({
        outcome: row.outcome,
        captureGap: row.capture_gap,
        inputTokens: row.input_tokens,
      }))
      return records.length >= answered
    })
    expect(records).toHaveLength(answered)
    // Complete, and none let go of for another organisation's load.
    expect(
      records.filter(
        ({ outcome, captureGap, inputTokens }) =>
          outcome !== 'complete' || captureGap !== null || inputTokens !== 10,
      ),
    ).toEqual([])
  })
})
