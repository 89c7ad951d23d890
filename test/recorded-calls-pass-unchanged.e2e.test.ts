import { describe, expect, test } from 'vitest'
import { outcomesOf, playAll, REPLAY_KEY } from './support/recorded-play.ts'
import { renderAnswer, startReplay } from './support/replay.ts'
import { useFlint, useServer } from './support/use-flint.ts'

const OURS = /^(x-provider-key|x-flint-|x-envoy-|x-forwarded-|x-request-id|via$)/

/**
 * One line per name: a proxy may combine repeated lines of a list header, which changes nothing
 * (RFC 9110 §5.3).
 */
function flat(list: ReadonlyArray<readonly [string, string]>): string[] {
  const byName = new Map<string, string>()
  for (const [name, value] of list)
    byName.set(name, byName.has(name) ? `${byName.get(name)},${value}` : value)
  return [...byName].map(([name, value]) => `${name}: ${value.split(/,\s*/).join(',')}`).sort()
}

describe('recorded calls through the real Envoy', () => {
  const replay = useServer(startReplay)
  const flint = useFlint(() => ({ upstream: replay.url }))

  test('give the caller the provider’s bytes, the provider the caller’s, and one right record each', async () => {
    const problems: string[] = []
    // Every recording once: a different plan (chunks, encodings) for each, so that all mixtures
    // occur.
    await playAll(flint, replay, { capture: false }, async ({ recording, plan, answer }) => {
      const headers = new Set(
        Object.keys(recording.request.headers).map((name) => name.toLowerCase()),
      )
      const wanted = await renderAnswer(recording, plan)
      if (answer.status !== wanted.status)
        problems.push(`${recording.id}: status ${answer.status}, not ${wanted.status}`)
      const bodiless = wanted.status === 204 || recording.request.method === 'HEAD'
      if (!bodiless && !answer.body.equals(Buffer.concat(wanted.pieces)))
        problems.push(`${recording.id} (${plan}): the body is not the provider's`)
      const got = answer.headers.filter(
        ([name]) =>
          !['date', 'transfer-encoding', 'connection', 'content-length', 'keep-alive'].includes(
            name,
          ),
      )
      const sent = wanted.headers
        .map(([name, value]) => [name.toLowerCase(), value.trim()] as const)
        .filter(([name]) => name !== 'date')
      if (flat(got).join('\n') !== flat(sent).join('\n'))
        problems.push(
          `${recording.id}: headers differ: ${flat(got).filter((line) => !flat(sent).includes(line))} | ${flat(sent).filter((line) => !flat(got).includes(line))}`,
        )
      const [seen] = replay.received(recording.id)
      if (!seen?.bodyEqual) problems.push(`${recording.id}: the provider saw another body`)
      if (!seen?.pathEqual)
        problems.push(`${recording.id}: the provider saw another path: ${seen?.path}`)
      const names = (seen?.rawHeaders ?? [])
        .filter((_, at) => at % 2 === 0)
        .map((name) => name.toLowerCase())
      const strange = names.filter((name) => OURS.test(name) && !headers.has(name))
      if (strange.length > 0) problems.push(`${recording.id}: the provider saw ${strange}`)
      const credentials = names.filter((name) =>
        ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key'].includes(name),
      )
      if (credentials.length !== 1 || !seen?.rawHeaders.some((value) => value.endsWith(REPLAY_KEY)))
        problems.push(`${recording.id}: credentials seen: ${credentials}`)
    })
    expect(problems).toEqual([])

    // One record each; the claimed id shows which.
    const outcomes = await outcomesOf(flint, replay, { capture: false })
    expect(outcomes.length).toBe(replay.recordings.length)
    const wrong: string[] = []
    for (const { recording, record, comparisons } of outcomes) {
      expect([recording.id, record.outcome, record.keyHint]).toEqual([
        recording.id,
        'complete',
        '...0001',
      ])
      for (const { field, got, wanted, isExact } of comparisons)
        if (isExact === false)
          wrong.push(`${recording.id} ${recording.operation} ${field}: ${got}, not ${wanted}`)
    }
    expect(wrong).toEqual([])
  })
})
