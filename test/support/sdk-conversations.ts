import net from 'node:net'
import { GoogleGenAI, type Interactions, type LiveServerMessage } from '@google/genai'
import OpenAI from 'openai'
import { OpenAIRealtimeWS } from 'openai/realtime/ws'
import { ResponsesWS } from 'openai/resources/responses/ws'

/** What an SDK is given; the base URL is the provider's or Flint's. */
export interface Given {
  readonly baseUrl: string
  readonly apiKey: string
  readonly headers: Readonly<Record<string, string>>
}

/** One conversation with an SDK: everything its code hears, in its order. */
export type Conversation = (given: Given) => Promise<unknown>

export const QUESTION = 'When is the payment due?'

type RealtimeMessage = Parameters<OpenAIRealtimeWS['send']>[0]

const asked: readonly RealtimeMessage[] = [
  {
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: QUESTION }] },
  },
  { type: 'response.create' },
]
const spoken: readonly RealtimeMessage[] = [
  {
    type: 'session.update',
    session: {
      type: 'transcription',
      audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } },
    },
  },
  { type: 'input_audio_buffer.append', audio: Buffer.alloc(480).toString('base64') },
  { type: 'input_audio_buffer.commit' },
]

/** Says all at once, hears until the event of that type has come, and closes. */
function realtime(messages: readonly RealtimeMessage[], last: string): Conversation {
  return ({ baseUrl, apiKey, headers }) =>
    new Promise((resolve, reject) => {
      const heard: unknown[] = []
      // This client dials TLS always; Flint speaks plain HTTP on loopback.
      const createConnection = ((options: net.NetConnectOpts) =>
        net.connect(options)) as typeof net.createConnection
      const client = new OpenAIRealtimeWS(
        { model: 'gpt-realtime', options: { headers: { ...headers }, createConnection } },
        new OpenAI({ apiKey, baseURL: baseUrl }),
      )
      client.on('event', (event) => {
        heard.push(event)
        if (event.type === last) client.close()
      })
      client.on('error', reject)
      client.socket.on('open', () => messages.forEach((message) => void client.send(message)))
      client.socket.on('close', (code) => resolve([...heard, code]))
    })
}

export const talk = realtime(asked, 'response.done')
export const transcribe = realtime(spoken, 'conversation.item.input_audio_transcription.completed')

/** Two responses over one socket. */
export const respondTwice: Conversation = ({ baseUrl, apiKey, headers }) =>
  new Promise((resolve, reject) => {
    const heard: unknown[] = []
    const client = new ResponsesWS(new OpenAI({ apiKey, baseURL: baseUrl }), {
      headers: { ...headers },
    })
    const ask = () => client.send({ type: 'response.create', model: 'gpt-4o', input: QUESTION })
    let answers = 0
    client.on('event', (event) => {
      heard.push(event)
      if (event.type !== 'response.completed') return
      answers += 1
      if (answers === 1) ask()
      else client.close()
    })
    client.on('error', reject)
    client.on('close', (code) => resolve([...heard, code]))
    ask()
  })

const genai = ({ baseUrl, apiKey, headers }: Given) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl, headers: { ...headers } } })

export const live: Conversation = (given) =>
  new Promise((resolve, reject) => {
    const heard: unknown[] = []
    const opened = genai(given).live.connect({
      model: 'gemini-2.0-flash-live-001',
      callbacks: {
        onmessage: (message: LiveServerMessage) => {
          heard.push(message)
          if (message.serverContent?.turnComplete) void opened.then((session) => session.close())
        },
        onerror: ({ message }) => reject(new Error(message)),
        onclose: () => resolve(heard),
      },
    })
    opened.then(
      (session) => session.sendClientContent({ turns: QUESTION, turnComplete: true }),
      reject,
    )
  })

export const interact: Conversation = async (given) => {
  // aimock streams unless asked not to; the API itself does not.
  const { sdkHttpResponse: _, ...answer } = await genai(given).interactions.create({
    model: 'gemini-2.5-flash',
    input: QUESTION,
    stream: false,
  })
  return answer
}

export const interactStreaming: Conversation = async (given) => {
  const heard: Interactions.InteractionSSEEvent[] = []
  for await (const event of await genai(given).interactions.create({
    model: 'gemini-2.5-flash',
    input: QUESTION,
    stream: true,
  }))
    heard.push(event)
  return heard
}
