import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { jsonObject, jsonString } from '../json/text.ts'
import { type SocketFormat, type SocketParser, SocketUsage } from '../socket/socket-format.ts'
import { errorCode } from '../usage/answer-error.ts'
import { NO_ANSWER } from '../wire-format.ts'
import { openaiRealtimeText } from './text-realtime.ts'
import { HostedTools, ITEM_MEMBERS } from './tools.ts'
import { openaiUsage } from './usage.ts'

const PATHS = namedPaths({
  type: 'type',
  response: within('response', {
    usage: 'usage',
    id: 'id',
    status: 'status',
    model: 'model',
    tier: 'service_tier',
    toolUsage: 'tool_usage',
  }),
  usage: 'usage',
  sessionModel: 'session.model',
  transcriptionModel: 'session.audio.input.transcription.model',
  oldTranscriptionModel: 'session.input_audio_transcription.model',
  error: within('error', { code: 'code', type: 'type' }),
  item: within('item', ITEM_MEMBERS),
})
const AT = PATHS.at
/** Of `response.create` (the responses API), and of `session.update` (the realtime API). */
const CLIENT = namedPaths({ type: 'type', model: 'model', sessionModel: 'session.model' })

/** Events that end a response: of the realtime API, and of the responses API over a websocket. */
const DONE = ['response.done', 'response.completed', 'response.incomplete', 'response.failed']
const CREATED = 'response.created'
const ITEM_DONE = 'response.output_item.done'
/** Messages that are sound, both ways; the last is the beta's. */
const SOUND = ['input_audio_buffer.append', 'response.output_audio.delta', 'response.audio.delta']
const TRANSCRIBED = 'conversation.item.input_audio_transcription.completed'

/** OpenAI's websockets: every response reports its own usage, and audio heard is reported apart. */
export const openaiRealtime: SocketFormat = {
  name: 'openai-realtime',
  serverPaths: jsonPaths(PATHS.list),
  clientPaths: jsonPaths(CLIENT.list),
  text: openaiRealtimeText,
  createParser,
}

function createParser(named: string | null): SocketParser {
  const usage = new SocketUsage()
  let model = named
  let transcriptionModel: string | null = null
  let tier: string | null = null
  let hasOtherTier = false
  let responseId: string | null = null
  let status: string | null = null
  let streamError: string | null = null
  let tools = new HostedTools()
  /** What the URL names stands for all messages of the client. */
  let requestModel = named
  let hasMedia = false
  let begun = 0
  let ended = 0

  return {
    get requestModel() {
      return requestModel
    },
    turns: usage.turns,
    get isOver() {
      return ended > 0 && ended >= begun
    },
    get hasMedia() {
      return hasMedia
    },
    fromClient(values) {
      hasMedia ||= SOUND.includes(jsonString(values[CLIENT.at.type]) ?? '')
      requestModel ??=
        jsonString(values[CLIENT.at.model]) ?? jsonString(values[CLIENT.at.sessionModel])
    },
    fromServer(values) {
      model = jsonString(values[AT.sessionModel]) ?? jsonString(values[AT.response.model]) ?? model
      transcriptionModel =
        jsonString(values[AT.transcriptionModel]) ??
        jsonString(values[AT.oldTranscriptionModel]) ??
        transcriptionModel
      const type = jsonString(values[AT.type]) ?? ''
      hasMedia ||= SOUND.includes(type)
      if (type === 'error')
        streamError ??= errorCode(values[AT.error.code]) ?? errorCode(values[AT.error.type])
      if (type === ITEM_DONE) tools.item(values, AT.item)
      const isDone = DONE.includes(type)
      if (type === CREATED) begun++
      if (isDone) {
        ended++
        responseId = jsonString(values[AT.response.id]) ?? responseId
        status = jsonString(values[AT.response.status]) ?? status
        const named = jsonString(values[AT.response.tier]) ?? tier
        hasOtherTier ||= tier !== null && named !== tier
        tier = named
      }
      const json = isDone
        ? values[AT.response.usage]
        : type === TRANSCRIBED
          ? values[AT.usage]
          : undefined
      const reported = jsonObject(json)
      if (isDone) usage.turns.began()
      if (json !== undefined && reported !== null) {
        const parsed = openaiUsage(reported)
        if (isDone) {
          const toolUsage = values[AT.response.toolUsage]
          usage.response(json, tools.addTo(parsed, model, toolUsage), model)
          tools = new HostedTools()
        } else usage.transcription(json, transcriptionModel, parsed)
      }
      if (isDone) usage.turns.ended()
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
