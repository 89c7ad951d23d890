import { setTimeout as pause } from 'node:timers/promises'
import { rawCall } from '../support/raw-http.ts'

export interface GoodCalls {
  readonly answered: number
  /** Statuses that were no 200, or what became of the connection. */
  readonly failures: readonly string[]
  /** Milliseconds of each call. */
  readonly latencies: readonly number[]
}

const BODY = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'How many?' }] })

/**
 * Ordinary calls of another organisation at an even pace, until asked to stop; each is marked by
 * the tag `round`.
 */
export function goodCallers(
  baseUrl: string,
  key: string,
  round: string,
  everyMs = 20,
): { stop(): Promise<GoodCalls> } {
  const latencies: number[] = []
  const failures: string[] = []
  const running = new Set<Promise<void>>()
  let isOver = false
  const one = async () => {
    const startedAt = performance.now()
    const headers = {
      authorization: `Bearer ${key}`,
      'x-provider-key': 'sk-good-000000000000',
      'content-type': 'application/json',
      'x-flint-tag-round': round,
    }
    try {
      const { status } = await rawCall(`${baseUrl}/v1/proxy/openai/chat/completions`, {
        headers,
        body: BODY,
      })
      if (status === 200) latencies.push(performance.now() - startedAt)
      else failures.push(String(status))
    } catch (error) {
      failures.push(error instanceof Error && 'code' in error ? String(error.code) : 'broken')
    }
  }
  const pacing = (async () => {
    while (!isOver) {
      const call = one()
      running.add(call)
      void call.finally(() => running.delete(call))
      await pause(everyMs)
    }
  })()
  return {
    async stop() {
      isOver = true
      await pacing
      await Promise.all(running)
      return { answered: latencies.length, failures, latencies }
    },
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
