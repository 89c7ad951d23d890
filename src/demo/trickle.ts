import { setTimeout as pause } from 'node:timers/promises'
import type { DemoSdks } from './demo-sdks.ts'

export interface Trickle {
  /** Resolves once no call of it is open. */
  stop(): Promise<void>
}

/** The first ones come fast, so that there is something to look at; then each pause is longer. */
const PAUSE_MS = { first: 200, longest: 4_000, growth: 1.1 } as const

const TEAMS = ['search', 'support', 'finance'] as const
const QUESTIONS = [
  'Which clauses of this contract name a deadline?',
  'Draft a friendly reply to a customer whose parcel is late.',
  'Put these invoices in order of their due dates.',
] as const

type Call = (sdks: DemoSdks, number: number) => Promise<unknown>
const openaiModel = (number: number) => (number % 3 === 0 ? 'gpt-4o' : 'gpt-4o-mini')
const claude = (number: number) => (number % 4 === 0 ? 'claude-sonnet-4-5' : 'claude-haiku-4-5')

/** In turn: most of them go well, and each way of going wrong comes again after a while. */
const CALLS: readonly Call[] = [
  chat,
  streamedMessage,
  chat,
  streamedChat,
  gemini,
  leftEarly,
  chat,
  message,
  overloaded,
  streamedChat,
  responses,
  withoutProviderKey,
  chat,
  streamedMessage,
  refusedKey,
  message,
]

/** Calls through Envoy, one at a time, until they are stopped. What fails is a record too. */
export function startTrickle(sdks: DemoSdks): Trickle {
  const stopped = new AbortController()
  const { signal } = stopped
  const run = async () => {
    let pauseMs: number = PAUSE_MS.first
    for (let number = 0; !signal.aborted; number += 1) {
      await CALLS[number % CALLS.length]?.(sdks, number).catch(() => undefined)
      await pause(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined)
      pauseMs = Math.min(pauseMs * PAUSE_MS.growth, PAUSE_MS.longest)
    }
  }
  const ended = run()
  return {
    async stop() {
      stopped.abort()
      await ended
    },
  }
}

function chat({ openai }: DemoSdks, number: number): Promise<unknown> {
  return openai.chat.completions.create(asked(openaiModel(number), number), tagged(number))
}

async function streamedChat({ openai }: DemoSdks, number: number): Promise<void> {
  for await (const _ of await openai.chat.completions.create(
    {
      ...asked(openaiModel(number), number),
      ...{ stream: true, stream_options: { include_usage: true } },
    },
    tagged(number),
  ));
}

/** Its caller leaves before the answer is whole. */
async function leftEarly({ openai }: DemoSdks, number: number): Promise<void> {
  const stream = await openai.chat.completions.create(
    { ...asked('gpt-4o', number), stream: true },
    tagged(number),
  )
  let events = 0
  for await (const _ of stream) {
    events += 1
    if (events === 3) return
  }
}

function responses({ openai }: DemoSdks, number: number): Promise<unknown> {
  return openai.responses.create({ model: 'gpt-5', input: questionOf(number) }, tagged(number))
}

function message({ anthropic }: DemoSdks, number: number): Promise<unknown> {
  return anthropic.messages.create(
    { ...asked(claude(number), number), max_tokens: 256 },
    tagged(number),
  )
}

function streamedMessage({ anthropic }: DemoSdks, number: number): Promise<unknown> {
  return anthropic.messages
    .stream({ ...asked(claude(number), number), max_tokens: 256 }, tagged(number))
    .finalMessage()
}

function gemini({ gemini: { models } }: DemoSdks, number: number): Promise<unknown> {
  return models.generateContent({ model: 'gemini-2.5-flash', contents: questionOf(number) })
}

function overloaded({ openai }: DemoSdks, number: number): Promise<unknown> {
  return openai.chat.completions.create(asked('demo-overloaded', number), tagged(number))
}

/** The provider does not know the key that is meant for it. */
function refusedKey({ openai }: DemoSdks, number: number): Promise<unknown> {
  return openai.chat.completions.create(asked('demo-refused-key', number), tagged(number))
}

/** Flint refuses it: it says which header is missing. */
function withoutProviderKey({ openai }: DemoSdks, number: number): Promise<unknown> {
  const { headers } = tagged(number)
  return openai.chat.completions.create(asked('gpt-4o', number), {
    headers: { ...headers, 'x-provider-key': null },
  })
}

function asked(model: string, number: number) {
  return { model, messages: [{ role: 'user' as const, content: questionOf(number) }] }
}

function questionOf(number: number): string {
  return QUESTIONS[number % QUESTIONS.length] ?? QUESTIONS[0]
}

function tagged(number: number) {
  return { headers: { 'x-flint-tag-team': TEAMS[number % TEAMS.length] ?? TEAMS[0] } }
}
