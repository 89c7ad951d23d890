import { jsonPaths } from '../json/paths.ts'
import { jsonObject, jsonWord } from '../json/text.ts'
import { type SocketFormat, type SocketReading, SocketUsage } from '../socket/socket-format.ts'
import { errorCode } from '../usage/answer-error.ts'
import { NO_ANSWER } from '../wire-format.ts'
import { HostedTools, ITEM_MEMBERS } from './tools.ts'
import { openaiUsage } from './usage.ts'

const TYPE = 0
const RESPONSE_USAGE = 1
const RESPONSE_ID = 2
const RESPONSE_STATUS = 3
const USAGE = 4
const SESSION_MODEL = 5
const TRANSCRIPTION_MODEL = 6
const OLD_TRANSCRIPTION_MODEL = 7
const ERROR_CODE = 8
const ERROR_TYPE = 9
const RESPONSE_MODEL = 10
const RESPONSE_TIER = 11
const TOOL_USAGE = 12
const FIRST_ITEM = 13

/** Events that end a response: of the realtime API, and of the responses API over a websocket. */
const DONE = ['response.done', 'response.completed', 'response.incomplete', 'response.failed']
const ITEM_DONE = 'response.output_item.done'
const TRANSCRIBED = 'conversation.item.input_audio_transcription.completed'

/** OpenAI's websockets: every response tells its own usage, and what was heard is told apart. */
export const openaiRealtime: SocketFormat = {
  name: 'openai-realtime',
  serverPaths: jsonPaths([
    'type',
    'response.usage',
    'response.id',
    'response.status',
    'usage',
    'session.model',
    'session.audio.input.transcription.model',
    'session.input_audio_transcription.model',
    'error.code',
    'error.type',
    'response.model',
    'response.service_tier',
    'response.tool_usage',
    ...ITEM_MEMBERS.map((member) => `item.${member}`),
  ]),
  clientPaths: jsonPaths([]),
  createReading,
}

function createReading(named: string | null): SocketReading {
  const usage = new SocketUsage()
  let model = named
  let transcriptionModel: string | null = null
  let tier: string | null = null
  let hasOtherTier = false
  let responseId: string | null = null
  let status: string | null = null
  let streamError: string | null = null
  let tools = new HostedTools()

  return {
    // The URL or the server names it.
    knowsModel: true,
    fromClient() {},
    fromServer(values) {
      model = jsonWord(values[SESSION_MODEL]) ?? jsonWord(values[RESPONSE_MODEL]) ?? model
      transcriptionModel = jsonWord(values[TRANSCRIPTION_MODEL]) ?? jsonWord(values[OLD_TRANSCRIPTION_MODEL]) ?? transcriptionModel
      const type = jsonWord(values[TYPE]) ?? ''
      if (type === 'error') streamError ??= errorCode(values[ERROR_CODE]) ?? errorCode(values[ERROR_TYPE])
      if (type === ITEM_DONE) tools.item(values.slice(FIRST_ITEM))
      const isDone = DONE.includes(type)
      if (isDone) {
        responseId = jsonWord(values[RESPONSE_ID]) ?? responseId
        status = jsonWord(values[RESPONSE_STATUS]) ?? status
        const named = jsonWord(values[RESPONSE_TIER]) ?? tier
        hasOtherTier ||= tier !== null && named !== tier
        tier = named
      }
      const json = isDone ? values[RESPONSE_USAGE] : type === TRANSCRIBED ? values[USAGE] : undefined
      const told = jsonObject(json)
      if (json === undefined || told === null) return
      if (isDone) {
        usage.response(json, tools.addTo(openaiUsage(told), model, values[TOOL_USAGE]), model)
        tools = new HostedTools()
      }
      if (!isDone) usage.transcription(json, transcriptionModel, openaiUsage(told))
    },
    facts: () => ({
      ...NO_ANSWER,
      ...usage.facts(model, hasOtherTier),
      model: model ?? transcriptionModel,
      finishReason: status,
      serviceTier: tier,
      responseId,
      streamError,
    }),
  }
}
