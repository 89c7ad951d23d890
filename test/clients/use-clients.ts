import { beforeAll, expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { ListedRecord } from '../support/flint.ts'
import { startScriptedProvider } from '../support/scripted-provider.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { useFlint, useServer } from '../support/use-flint.ts'
import { credentialsIn, expectNothingOfFlint, type HeaderPair } from '../support/wire.ts'
import { type ClientRun, PROVIDER_KEYS, runClient } from './client-run.ts'
import { startClosedProxy } from './closed-proxy.ts'
import { setUpOf } from './page.ts'
import { ANSWER, type AnsweredCall, scriptedAnswers } from './scripted-answers.ts'

/** A run, and what it must have done. */
export interface CheckedRun extends ClientRun {
  /** Endpoints that must have been called; a client may call others as well. */
  readonly endpoints: readonly string[]
  /** What pays instead of the API key of each provider. */
  readonly credential?: HeaderPair
}

/** Flint with a scripted provider, for the clients of one test file. */
export function useClients() {
  const provider = useServer(startScriptedProvider)
  const proxy = useServer(startClosedProxy)
  const flint = useFlint(() => ({ upstream: provider.url }))
  const answered: AnsweredCall[] = []
  beforeAll(() => provider.answer(scriptedAnswers(answered)))

  /**
   * Runs the client and fails unless it got its answers, each call has one record that says what
   * the provider said, the provider saw its own key and nothing of Flint, and no host was tried
   * that the page does not name. Returns the calls.
   */
  return async function expectRecorded(client: CheckedRun): Promise<AnsweredCall[]> {
    const earlier = new Set((await flint.records()).map(({ requestId }) => requestId))
    const from = answered.length
    proxy.refusedHosts.clear()
    const printed = await runClient(client, {
      home: temporaryDirectory(),
      flint,
      proxy: proxy.url,
    })
    expect(printed).toContain(ANSWER)
    const calls = answered.slice(from)
    const called = calls.map(({ endpoint }) => endpoint)
    expect(called, printed).toEqual(expect.arrayContaining([...client.endpoints]))
    for (const { rawHeaders, url, body } of provider.received.slice(from)) {
      expect(credentialsIn(rawHeaders)).toEqual([client.credential ?? credentialAt(url)])
      expectNothingOfFlint(rawHeaders)
      expect(`${url} ${body}`).not.toContain(flint.key)
    }
    // All records of the run, so that one too many fails as one too few does.
    await eventually(async () => {
      const records = (await flint.records()).filter(({ requestId }) => !earlier.has(requestId))
      expect(records.map(ofRecord).sort()).toEqual(calls.map(ofCall(client)).sort())
    })
    const named = client.setUps.flatMap((heading) => setUpOf(heading).otherHosts)
    expect([...proxy.refusedHosts].filter((host) => !named.includes(host))).toEqual([])
    return calls
  }
}

/** The credential in its provider's own place. */
function credentialAt(endpoint: string): HeaderPair {
  if (/^\/v1(beta)?\/models\/gemini/.test(endpoint))
    return ['x-goog-api-key', PROVIDER_KEYS.GEMINI_API_KEY]
  return endpoint.startsWith('/v1/messages')
    ? ['x-api-key', PROVIDER_KEYS.ANTHROPIC_API_KEY]
    : ['authorization', `Bearer ${PROVIDER_KEYS.OPENAI_API_KEY}`]
}

/** What a call and its record have in common, as one line that can be compared. */
const ofCall = (client: CheckedRun) => (call: AnsweredCall) => {
  const [, key] = client.credential ?? credentialAt(call.endpoint)
  const { endpoint, model, stream, inputTokens, outputTokens } = call
  return JSON.stringify({
    ...{ endpoint, model, stream, status: 200, outcome: 'complete' },
    ...{ inputTokens, outputTokens, keyHint: `...${key.slice(-4)}` },
  })
}
const ofRecord = (record: ListedRecord) => {
  const { endpoint, model, stream, status, outcome, inputTokens, outputTokens, keyHint } = record
  return JSON.stringify({
    ...{ endpoint, model, stream, status, outcome, inputTokens, outputTokens, keyHint },
  })
}
