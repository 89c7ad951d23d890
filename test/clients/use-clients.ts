import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { beforeAll, expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { ListedRecord } from '../support/flint.ts'
import { startScriptedProvider } from '../support/scripted-provider.ts'
import { onHost } from '../support/sdks-document.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { useFlint, useServer } from '../support/use-flint.ts'
import { credentialsIn, expectNothingOfFlint } from '../support/wire.ts'
import { startClosedProxy } from './closed-proxy.ts'
import { commandPath } from './installed-programs.ts'
import { fileOf, setUpOf } from './page.ts'
import { ANSWER, type AnsweredCall, scriptedAnswers } from './scripted-answers.ts'

/** The reader's own provider keys, in the variables that the page writes. */
export const PROVIDER_KEYS = {
  OPENAI_API_KEY: 'sk-proj-clients-openai-0123456789abcd',
  ANTHROPIC_API_KEY: 'sk-ant-api03-clients-0123456789abcd',
  GEMINI_API_KEY: 'AIzaClientsGemini0123456789-abcd0123456',
}

/** How a client of the page is run once, and what it must have done. */
export interface ClientRun {
  /** The page's set-up. */
  readonly heading: string
  /** Of the blocks: those of one language alone, where a set-up has several. */
  readonly command: readonly string[]
  /** Settings of the run that no reader needs: no updates, no prompts for consent. */
  readonly env?: Readonly<Record<string, string>>
  /** Files below the home directory that a user of this client has. */
  readonly files?: Readonly<Record<string, string>>
  /** Put in front of and behind the page's code, where that is a program. */
  readonly program?: { readonly before: string; readonly after: string }
  /** The endpoint of each model call, in any order; a client may make more to other endpoints. */
  readonly endpoints: readonly string[]
  /** The credential that the provider must see. */
  readonly credential: readonly [name: string, value: string]
}

export function useClients() {
  const provider = useServer(startScriptedProvider)
  const proxy = useServer(startClosedProxy)
  const flint = useFlint(() => ({ upstream: provider.url }))
  const answered: AnsweredCall[] = []
  beforeAll(() => provider.answer(scriptedAnswers(answered)))

  async function run(client: ClientRun): Promise<string> {
    const home = temporaryDirectory()
    const work = path.join(home, 'work')
    fs.mkdirSync(work)
    for (const [name, text] of Object.entries(client.files ?? {})) writeBelow(home, name, text)
    const script = ['set -eu']
    for (const block of setUpOf(client.heading).blocks) {
      const code = onHost(block.code, flint.baseUrl)
      const file = fileOf(block)
      if (file !== null) writeBelow(home, file, code)
      else if (block.language === 'sh') script.push(code)
      else writeBelow(work, `program.${EXTENSIONS[block.language]}`, asProgram(code, client))
    }
    const [command = '', ...args] = client.command
    script.push(`exec ${[commandPath(command), ...args].map(quoted).join(' ')}`)
    return runScript(script.join('\n'), work, {
      PATH: process.env['PATH'] ?? '',
      ...{ HOME: home, LANG: 'C.UTF-8', TERM: 'dumb', NO_COLOR: '1' },
      ...{ HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1,localhost' },
      ...{ http_proxy: proxy.url, https_proxy: proxy.url, no_proxy: '127.0.0.1,localhost' },
      ...PROVIDER_KEYS,
      FLINT_API_KEY: flint.key,
      ...client.env,
    })
  }

  return {
    flint,
    /** Runs the client as the page sets it up, and checks everything that all of them promise. */
    async expectRecorded(client: ClientRun): Promise<void> {
      const earlier = new Set((await flint.records()).map(({ requestId }) => requestId))
      const from = provider.received.length
      proxy.refusedHosts.clear()
      const printed = await run(client)
      const calls = answered.slice(from)
      const seen = provider.received.slice(from)
      expect(printed).toContain(ANSWER)
      expect(calls.map(({ endpoint }) => endpoint)).toEqual(
        expect.arrayContaining([...client.endpoints]),
      )
      for (const { rawHeaders, url, body } of seen) {
        expect(credentialsIn(rawHeaders)).toEqual([client.credential])
        expectNothingOfFlint(rawHeaders)
        expect(`${url} ${body}`).not.toContain(flint.key)
      }
      // Every record of the run, so that one too many fails as one too few does.
      const made = await eventually(async () => {
        const records = await flint.records()
        const ofThisRun = records.filter(({ requestId }) => !earlier.has(requestId))
        expect(summaries(ofThisRun.map(ofRecord))).toEqual(summaries(calls.map(ofCall)))
        return ofThisRun
      })
      for (const record of made) expect(record.keyHint).toBe(`...${client.credential[1].slice(-4)}`)
      const { otherHosts } = setUpOf(client.heading)
      expect([...proxy.refusedHosts].filter((host) => !otherHosts.includes(host))).toEqual([])
    },
  }
}

const EXTENSIONS: Readonly<Record<string, string>> = { js: 'mjs', python: 'py' }

const asProgram = (code: string, { program }: ClientRun) =>
  [program?.before, code, program?.after].join('\n')

const quoted = (argument: string) => `'${argument.replaceAll("'", `'\\''`)}'`

function writeBelow(folder: string, name: string, text: string): void {
  const file = path.join(folder, name)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

/** What a call and its record have in common. */
const ofCall = ({ inputTokens, outputTokens, ...call }: AnsweredCall) => ({
  ...call,
  ...{ status: 200, outcome: 'complete', inputTokens, outputTokens },
})
const ofRecord = (record: ListedRecord) => ({
  ...{ endpoint: record.endpoint, model: record.model, stream: record.stream },
  ...{ status: record.status, outcome: record.outcome },
  ...{ inputTokens: record.inputTokens, outputTokens: record.outputTokens },
})
const summaries = (calls: readonly object[]) => calls.map((call) => JSON.stringify(call)).sort()

const LONGEST_RUN_MS = 90_000

/** What the program printed; throws with all of it where it fails or takes too long. */
function runScript(script: string, cwd: string, env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk
      })
    const limit = setTimeout(() => child.kill('SIGKILL'), LONGEST_RUN_MS)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(limit)
      if (code === 0) resolve(printed)
      else reject(new Error(`ended with ${code ?? signal}:\n${printed}`))
    })
  })
}
