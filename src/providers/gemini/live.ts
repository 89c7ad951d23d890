import { namedPaths, within } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { type JsonObject, jsonObject } from '../json/text.ts'
import { type SocketFormat, type SocketParser, SocketUsage } from '../socket/socket-format.ts'
import { modelName } from '../usage/model-name.ts'
import { NO_ANSWER } from '../wire-format.ts'
import { GROUNDING_PATHS, GroundingParser } from './grounding.ts'
import { geminiLiveText } from './text-live.ts'
import { geminiUsage } from './usage.ts'

/**
 * What belongs to a turn that has not ended. What was heard comes whenever it is ready, also behind
 * its turn.
 */
const TURN_GROUPS = ['serverContent.modelTurn', 'serverContent.outputTranscription', 'toolCall']
const PATHS = namedPaths({
  usage: ['usageMetadata', 'usage_metadata'],
  grounding: within('serverContent', GROUNDING_PATHS),
  turnComplete: 'serverContent.turnComplete',
  /** Only of an object in which something is wanted it is reported that it begins. */
  media: 'serverContent.modelTurn.parts[].inlineData.mimeType',
  inTurn: TURN_GROUPS.map((group) => `${group}.role`),
})
const AT = PATHS.at
const CLIENT = namedPaths({
  model: 'setup.model',
  media: ['realtimeInput', 'realtime_input'].flatMap((input) => [
    ...['audio', 'video', 'mediaChunks[]', 'media_chunks[]'].flatMap((media) => [
      `${input}.${media}.mimeType`,
      `${input}.${media}.mime_type`,
    ]),
  ]),
})

/**
 * Gemini Live: the client's first message names the model; usage is reported turn by turn, each
 * with the whole context in its prompt.
 */
export const geminiLive: SocketFormat = {
  name: 'gemini-live',
  serverPaths: jsonPaths(PATHS.list, { texts: [], groups: TURN_GROUPS }),
  clientPaths: jsonPaths(CLIENT.list),
  text: geminiLiveText,
  createParser,
}

function createParser(): SocketParser {
  const usage = new SocketUsage()
  let model: string | null = null
  let lastJson: string | undefined
  let grounding = new GroundingParser()
  /** The last turn has ended and nothing of another has come. */
  let isOver = false
  let hasMedia = false

  return {
    turns: usage.turns,
    get isOver() {
      return isOver
    },
    serverEntered() {
      isOver = false
      usage.turns.began()
    },
    get requestModel() {
      return model
    },
    get hasMedia() {
      return hasMedia
    },
    fromClient(values) {
      hasMedia ||= CLIENT.at.media.some((slot) => values[slot] !== undefined)
      model ??= modelName(values[CLIENT.at.model])
    },
    fromServer(values) {
      hasMedia ||= values[AT.media] !== undefined
      grounding.read(values, AT.grounding)
      const json = AT.usage.map((slot) => values[slot]).find((value) => value !== undefined)
      const reported = jsonObject(json)
      // The same object again is the same turn.
      const isRepeated = json !== undefined && json === lastJson
      // It ends an interrupted turn as well; `generationComplete` does not.
      const isEnd = values[AT.turnComplete] === 'true' && !(isRepeated && isOver)
      if (isEnd) usage.turns.began()
      if (json !== undefined && reported !== null && !isRepeated) {
        lastJson = json
        const {
          usage: counts,
          billed,
          unknown,
        } = geminiUsage(asGenerated(reported), asGenerated(reported))
        usage.response(json, { usage: counts, billed: { ...billed, ...grounding.result }, unknown })
        grounding = new GroundingParser()
      }
      if (isEnd) {
        isOver = true
        usage.turns.ended()
      }
    },
    facts: () => ({ ...NO_ANSWER, ...usage.facts(model), model }),
  }
}

/** Live calls the candidates responses. */
function asGenerated(reported: JsonObject): JsonObject {
  const { responseTokenCount = null, responseTokensDetails = null, ...others } = reported
  return {
    ...others,
    candidatesTokenCount: reported.candidatesTokenCount ?? responseTokenCount,
    candidatesTokensDetails: reported.candidatesTokensDetails ?? responseTokensDetails,
  }
}
