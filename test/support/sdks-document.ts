import fs from 'node:fs'
import path from 'node:path'
import { PROJECT } from './flint.ts'

export interface CodeBlock {
  readonly language: string
  readonly code: string
  /** Line of the document, for the title of its test. */
  readonly line: number
}

const DOCUMENT = path.join(PROJECT, 'docs/sdks.md')

/** Addresses of a Flint as the document writes them: the one thing that is replaced. */
const HOSTS = /\b(?:(http|ws)s?):\/\/(?:127\.0\.0\.1:8080|flint\.example\.com)/g

export const sdksDocument = fs.readFileSync(DOCUMENT, 'utf8')

export function blocksOf(document: string): CodeBlock[] {
  return [...document.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1] ?? '',
    code: match[2] ?? '',
    line: document.slice(0, match.index).split('\n').length,
  }))
}

export function onHost(code: string, baseUrl: string): string {
  return code.replace(HOSTS, (_, scheme: string) => baseUrl.replace('http', scheme))
}

/** Names that blocks use and do not import. */
const IMPORTS: Readonly<Record<string, string>> = {
  OpenAI: `import OpenAI from 'openai'`,
  Anthropic: `import Anthropic from '@anthropic-ai/sdk'`,
  GoogleGenAI: `import { GoogleGenAI } from '@google/genai'`,
  ResponsesWS: `import { ResponsesWS } from 'openai/resources/responses/ws'`,
  OpenAIRealtimeWS: `import { OpenAIRealtimeWS } from 'openai/realtime/ws'`,
  // Node 20 has none of its own.
  WebSocket: `import { WebSocket } from 'ws'`,
}

/** What one call with a client leaves in the audit log. */
export interface ExpectedRecord {
  readonly provider: string
  readonly endpoint: string
  readonly status: number
}

interface Use {
  readonly code: (client: string) => string
  readonly record: ExpectedRecord
}

const MESSAGES = `[{ role: 'user', content: 'hello' }]`
/** An expression for each kind of client: one call with it, as a promise. */
const USES: Readonly<Record<string, Use>> = {
  OpenAI: {
    code: (client) =>
      `${client}.chat.completions.create({ model: 'gpt-4o', messages: ${MESSAGES} })`,
    record: { provider: 'openai', endpoint: '/v1/chat/completions', status: 200 },
  },
  Anthropic: {
    code: (client) =>
      `${client}.messages.create({ model: 'claude-haiku-4-5', max_tokens: 64, messages: ${MESSAGES} })`,
    record: { provider: 'anthropic', endpoint: '/v1/messages', status: 200 },
  },
  GoogleGenAI: {
    code: (client) =>
      `${client}.models.generateContent({ model: 'gemini-2.5-flash', contents: 'hello' })`,
    record: {
      provider: 'gemini',
      endpoint: '/v1beta/models/gemini-2.5-flash:generateContent',
      status: 200,
    },
  },
  ResponsesWS: {
    code: (client) => `new Promise((resolve, reject) => {
  ${client}.on('error', reject)
  ${client}.on('event', (event) => event.type === 'response.completed' && ${client}.close())
  ${client}.on('close', resolve)
  ${client}.send({ type: 'response.create', model: 'gpt-4o', input: 'hello' })
})`,
    record: { provider: 'openai', endpoint: '/v1/responses', status: 101 },
  },
  OpenAIRealtimeWS: {
    code: (client) => `new Promise((resolve, reject) => {
  ${client}.on('error', reject)
  ${client}.on('event', (event) => event.type === 'response.done' && ${client}.close())
  ${client}.socket.on('close', resolve)
  ${client}.socket.on('open', () => ${client}.send({ type: 'response.create' }))
})`,
    record: { provider: 'openai', endpoint: '/v1/realtime', status: 101 },
  },
  WebSocket: {
    code: (client) => `new Promise((resolve, reject) => {
  ${client}.on('error', reject)
  ${client}.on('message', (text) => String(text).includes('response.done') && ${client}.close())
  ${client}.on('close', resolve)
  ${client}.on('open', () => ${client}.send(JSON.stringify({ type: 'response.create' })))
})`,
    record: { provider: 'openai', endpoint: '/v1/realtime', status: 101 },
  },
}

function useOf(kind: string): Use {
  const use = USES[kind]
  if (use === undefined) throw new Error(`docs/sdks.md makes a ${kind}, which no test uses`)
  return use
}

/** A program that can run, and the records that it leaves. */
export interface RunnableBlock {
  readonly program: string
  readonly records: readonly ExpectedRecord[]
}

/**
 * The block as a module: with the imports it leaves out, and one call with every client it makes. A
 * client that another one is made of is used through that.
 */
export function moduleOf(code: string): RunnableBlock {
  // A socket that is only made, as in a page, gets a name.
  const block = onLoopback(code).replace(/^new (\w+)\(/gm, 'const made = new $1(')
  const clients = [...block.matchAll(/^const (\w+) = new (\w+)\(/gm)].map(
    ([, name = '', kind = '']) => ({ name, kind }),
  )
  const used = clients.filter(({ name }) => !new RegExp(`[(,] *${name}\\b`).test(block))
  const imports = Object.entries(IMPORTS)
    .filter(([name]) => block.includes(name) && !block.includes(`import ${name}`))
    .map(([, line]) => line)
  const program = [
    ...imports,
    `import net from 'node:net'`,
    'const [flintKey, providerKey] = [process.env.FLINT_API_KEY, process.env.OPENAI_API_KEY]',
    block,
    // At once: a socket opens when it is made.
    `await Promise.all([${used.map(({ name, kind }) => useOf(kind).code(name)).join(',\n')}])`,
    'process.exit(0)',
  ]
  return { program: program.join('\n'), records: used.map(({ kind }) => useOf(kind).record) }
}

/** The option that the document names for a Flint without TLS, put where it says. */
function onLoopback(code: string): string {
  if (!code.includes('new OpenAIRealtimeWS(')) return code
  const [option] =
    /createConnection: \(options\) => net\.connect\(options\)/.exec(sdksDocument) ?? []
  if (option === undefined || !code.includes('options: { headers }'))
    throw new Error('docs/sdks.md no longer says how OpenAIRealtimeWS reaches a Flint without TLS')
  return code.replace('options: { headers }', `options: { headers, ${option} }`)
}

/** SDKs that need no option once a shell has exported their address. */
const CONFIGURED_BY: Readonly<Record<string, string>> = {
  OPENAI_BASE_URL: 'OpenAI',
  ANTHROPIC_BASE_URL: 'Anthropic',
  GOOGLE_GEMINI_BASE_URL: 'GoogleGenAI',
}

/** Modules to be run in the shell that a block of exports has set up; none for other commands. */
export function modulesAfter(code: string): RunnableBlock[] {
  return Object.entries(CONFIGURED_BY).flatMap(([variable, kind]) =>
    new RegExp(`^export ${variable}=`, 'm').test(code)
      ? [moduleOf(`const client = new ${kind}({})`)]
      : [],
  )
}
