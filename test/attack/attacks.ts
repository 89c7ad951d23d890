import http from 'node:http'
import net from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import zlib from 'node:zlib'
import { rawCall } from '../support/raw-http.ts'

/**
 * What an attacker has: the public port, and one ordinary key of an organisation that keeps its
 * prompts.
 */
export interface Attacker {
  readonly baseUrl: string
  readonly key: string
  /** How large: 1 for the short form, more for `npm run attack`. */
  readonly size: number
  /** The attack is to end: an hour of it proves no more than a few seconds. */
  readonly signal: AbortSignal
}

export interface Attack {
  readonly name: string
  /** Through the proxy, and so against a bare Envoy too; else against Flint's API. */
  readonly passesProxy: boolean
  run(attacker: Attacker): Promise<void>
}

const MIB = 1024 * 1024
const CHAT = '/v1/proxy/openai/chat/completions'

/** What becomes of the attacker's own requests is no one's concern here. */
const ignored = () => undefined

function call(
  { baseUrl, key, signal }: Attacker,
  path: string,
  body: Buffer | string,
  headers: http.OutgoingHttpHeaders = {},
) {
  return rawCall(baseUrl + path, {
    headers: {
      authorization: `Bearer ${key}`,
      'x-provider-key': 'sk-attack-0000000000',
      'content-type': 'application/json',
      ...headers,
    },
    body,
    signal,
  }).catch(ignored)
}

async function times(
  count: number,
  { signal }: Attacker,
  act: (index: number) => Promise<unknown>,
): Promise<void> {
  for (let index = 0; index < count && !signal.aborted; index++) await act(index)
}

const chat = (content: string) =>
  JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content }] })

/** A request that sends so much of its body and then nothing; open until the signal. */
function stalled(
  { baseUrl, key, signal }: Attacker,
  path: string,
  announced: number,
  body: Buffer,
): Promise<void> {
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'x-provider-key': 'sk-attack-0000000000',
      'content-type': 'application/json',
      'content-length': announced,
    }
    const request = http.request(baseUrl + path, { method: 'POST', agent: false, headers })
    request.on('error', () => resolve()).on('close', () => resolve())
    request.on('response', (answer) => answer.resume())
    signal.addEventListener('abort', () => request.destroy(), { once: true })
    request.write(body)
  })
}

function idleConnection({ baseUrl, signal }: Attacker): Promise<void> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(baseUrl)
    const socket = net.connect(Number(port), hostname)
    socket.on('error', () => resolve()).on('close', () => resolve())
    socket.write('POST /v1/proxy/openai/chat/completions HTTP/1.1\r\nhost: a\r\n')
    signal.addEventListener('abort', () => socket.destroy(), { once: true })
  })
}

export const ATTACKS: readonly Attack[] = [
  {
    name: 'a hundred bytes that become one key of 16 MiB, again and again',
    passesProxy: true,
    run: (attacker) => {
      const body = zlib.brotliCompressSync(chat(`sk-${'a'.repeat(16 * MIB)}`))
      return times(10 * attacker.size, attacker, () =>
        call(attacker, CHAT, body, { 'content-encoding': 'br' }),
      )
    },
  },
  {
    name: 'keys of 4 MiB in plain prompts',
    passesProxy: true,
    run: (attacker) =>
      times(6 * attacker.size, attacker, (index) =>
        call(attacker, CHAT, chat(`${index % 2 ? 'Bearer ' : 'flnt_'}${'a'.repeat(4 * MIB)}`)),
      ),
  },
  {
    name: 'a form of nothing but boundaries',
    passesProxy: true,
    run: (attacker) => {
      const body = Buffer.from('\r\n--b'.repeat(attacker.size * 100_000))
      const headers = { 'content-type': 'multipart/form-data; boundary=b' }
      return times(2, attacker, () =>
        call(attacker, '/v1/proxy/openai/audio/transcriptions', body, headers),
      )
    },
  },
  {
    name: 'decompression bombs in every encoding',
    passesProxy: true,
    run: async (attacker) => {
      const text = chat('\u0001'.repeat(16 * MIB))
      const bombs = {
        gzip: zlib.gzipSync(text),
        deflate: zlib.deflateSync(text),
        br: zlib.brotliCompressSync(text),
      }
      for (const [encoding, bomb] of Object.entries(bombs))
        await times(5 * attacker.size, attacker, () =>
          call(attacker, CHAT, bomb, { 'content-encoding': encoding }),
        )
    },
  },
  {
    name: 'uploads that stop in the middle, with prompts of 16 MiB',
    passesProxy: true,
    run: async (attacker) => {
      const prefix = `{"model":"gpt-4o","messages":[{"role":"user","content":"`
      const body = Buffer.concat([Buffer.from(prefix), Buffer.alloc(16 * MIB, 'a')])
      await Promise.all(
        Array.from({ length: 6 * attacker.size }, () => stalled(attacker, CHAT, 64 * MIB, body)),
      )
    },
  },
  {
    name: 'streams whose tokens must be counted, of one endless word',
    passesProxy: true,
    run: (attacker) =>
      times(5 * attacker.size, attacker, () =>
        call(
          attacker,
          CHAT,
          JSON.stringify({
            model: 'gpt-4o',
            stream: true,
            messages: [{ role: 'user', content: '的'.repeat(100_000) }],
          }),
          {
            'x-attack-stream': '1',
            'x-bench-deltas': '2000',
          },
        ),
      ),
  },
  {
    name: 'half surrogate pairs in every place',
    passesProxy: true,
    run: (attacker) =>
      times(40 * attacker.size, attacker, () =>
        call(
          attacker,
          CHAT,
          '{"model":"gpt-4o\\ud83d","messages":[{"role":"user","content":"\\ud83d"}]}',
        ),
      ),
  },
  {
    name: 'connections that never finish their headers',
    passesProxy: true,
    run: async (attacker) => {
      await Promise.all(Array.from({ length: 500 * attacker.size }, () => idleConnection(attacker)))
    },
  },
  {
    name: 'a report that is a stream of bare field names',
    passesProxy: false,
    run: (attacker) => {
      const body = JSON.stringify({
        provider: 'openai',
        endpoint: '/v1/chat/completions',
        response: 'd\n'.repeat(attacker.size * 1_000_000),
      })
      return times(2, attacker, () => call(attacker, '/v1/audit/report', body))
    },
  },
  {
    name: 'reports that arrive a byte a second',
    passesProxy: false,
    run: async (attacker) => {
      await Promise.all(
        Array.from({ length: 16 * attacker.size }, () =>
          stalled(attacker, '/v1/audit/report', 32 * MIB, Buffer.from('{')),
        ),
      )
    },
  },
  {
    name: 'reports with half surrogate pairs',
    passesProxy: false,
    run: (attacker) => {
      const body =
        '{"provider":"openai","endpoint":"/v1/chat/completions","response":{"model":"\\ud800"}}'
      return times(100 * attacker.size, attacker, () => call(attacker, '/v1/audit/report', body))
    },
  },
  {
    name: 'wide questions, abandoned at once',
    passesProxy: false,
    run: async (attacker) => {
      const from = new Date(Date.now() - 30 * 86_400_000).toISOString()
      const ask = async (path: string) => {
        const signal = AbortSignal.any([attacker.signal, AbortSignal.timeout(300)])
        await rawCall(attacker.baseUrl + path, {
          method: 'GET',
          headers: { authorization: `Bearer ${attacker.key}` },
          signal,
        }).catch(ignored)
      }
      await Promise.all(
        Array.from({ length: 30 * attacker.size }, (_, index) =>
          ask(
            index % 2 ? `/v1/audit/losses?from=${from}` : `/v1/audit?tag=nobody:has&from=${from}`,
          ),
        ),
      )
    },
  },
  {
    name: 'guesses of keys, at the proxy and at the API',
    passesProxy: false,
    run: (attacker) =>
      times(300 * attacker.size, attacker, (index) =>
        call(
          { ...attacker, key: `flnt_live_guess${index}` },
          index % 2 ? CHAT : '/v1/settings',
          '{}',
        ),
      ),
  },
]

/** Ends an attack after `seconds`, however it is going. */
export async function attackFor(
  attack: Attack,
  attacker: Omit<Attacker, 'signal'>,
  seconds: number,
): Promise<void> {
  const over = new AbortController()
  const running = attack.run({ ...attacker, signal: over.signal })
  await Promise.race([running, pause(seconds * 1_000)])
  over.abort()
  await running
}
