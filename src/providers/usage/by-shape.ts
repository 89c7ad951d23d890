import { namedPaths } from '../json/named-paths.ts'
import { jsonPaths } from '../json/paths.ts'
import { boundedRaw, type JsonObject, jsonObject, jsonString } from '../json/text.ts'
import { type AnswerParser, NO_ANSWER, type WireFormat } from '../wire-format.ts'
import { errorName } from './answer-error.ts'
import { modelName } from './model-name.ts'
import { NO_PARSED_USAGE, type ParsedUsage } from './parsed-usage.ts'

const PATHS = namedPaths({
  model: 'model',
  id: 'id',
  error: 'error',
  usage: 'usage',
  usageMetadata: 'usageMetadata',
})
const AT = PATHS.at

/**
 * How a usage object counts, by the member that holds it; an object of another provider's shape
 * counts as that provider's.
 */
interface UsageShapes {
  readonly usage: (usage: JsonObject) => ParsedUsage
  readonly usageMetadata: (usage: JsonObject) => ParsedUsage
  /** Where the path may name the model. */
  readonly request?: NonNullable<WireFormat['request']>
}

/**
 * An endpoint that Flint does not know: besides the model, a usage object whose members it knows,
 * at the top of a document.
 */
export function byShapeFormat({ usage, usageMetadata, request }: UsageShapes): WireFormat {
  const parse = (usageJson: string | undefined, metadataJson: string | undefined) => {
    const object = jsonObject(usageJson ?? metadataJson)
    if (object === null) return NO_PARSED_USAGE
    return usageJson === undefined ? usageMetadata(object) : usage(object)
  }
  return {
    name: 'by-shape',
    answerPaths: jsonPaths(PATHS.list),
    expectsJson: false,
    request: request ?? null,
    createAnswer: () => createAnswer(parse),
  }
}

function createAnswer(
  parse: (usageJson: string | undefined, metadataJson: string | undefined) => ParsedUsage,
): AnswerParser {
  let model: string | undefined
  let id: string | undefined
  let usageJson: string | undefined
  let metadataJson: string | undefined
  let streamError: string | null = null
  return {
    document(values) {
      streamError ??= errorName(values[AT.error])
      model = values[AT.model] ?? model
      id = values[AT.id] ?? id
      usageJson = values[AT.usage] ?? usageJson
      metadataJson = values[AT.usageMetadata] ?? metadataJson
    },
    facts() {
      const raw = usageJson ?? metadataJson
      const { usage, billed, unknown } = parse(usageJson, metadataJson)
      const isKnown = usage.inputTokens !== null || usage.outputTokens !== null
      return {
        ...NO_ANSWER,
        model: modelName(model),
        responseId: jsonString(id),
        streamError,
        usage,
        // The shape may mean something else there: the price of such a call is an estimate.
        billed: isKnown
          ? { ...billed, terms: [...billed.terms, 'unknown_endpoint'] }
          : NO_ANSWER.billed,
        usageSource: isKnown ? 'provider' : 'none',
        usageRaw: raw === undefined ? null : boundedRaw(raw),
        unknownUsage: unknown,
      }
    },
  }
}
