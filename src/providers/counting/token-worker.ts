import { parentPort } from 'node:worker_threads'
import { countByBoundedRuns } from './bounded-runs.ts'
import { countExchange } from './count-exchange.ts'
import { type CountTokens, encodingOf } from './encoding.ts'
import type { UncountedExchange } from './retained-exchange.ts'

// Runs in a worker thread: the vocabulary is loaded with the first call, and 100 KB of text takes
// some 20 ms.

const NO_SPECIAL_TOKENS = { disallowedSpecial: new Set<string>() }

async function counterOf(model: string | null): Promise<CountTokens> {
  const { countTokens } =
    encodingOf(model) === 'o200k_base'
      ? await import('gpt-tokenizer/encoding/o200k_base')
      : await import('gpt-tokenizer/encoding/cl100k_base')
  return countByBoundedRuns((text) => countTokens(text, NO_SPECIAL_TOKENS))
}

parentPort?.on('message', (exchange: UncountedExchange) => {
  counterOf(exchange.model)
    .then((count) => countExchange(exchange, count))
    .then(
      (counts) => parentPort?.postMessage(counts),
      // Nothing of the text may leave with an error.
      () => parentPort?.postMessage(null),
    )
})
