import { compatibleUsage } from '../gemini/endpoints/compatible.ts'
import { trafficTerms } from '../gemini/usage.ts'
import { asObject, type JsonObject, shortString } from '../json/text.ts'
import type { ParsedUsage } from '../usage/parsed-usage.ts'

/**
 * Usage of the path that is compatible with OpenAI's: Gemini's, and what paid for the call in
 * `extra_properties.google.traffic_type`.
 */
export function vertexChatUsage(object: JsonObject): ParsedUsage {
  const { extra_properties: extra, ...counts } = object
  const { traffic_type: traffic, ...others } = asObject(asObject(extra)?.google) ?? {}
  // What else may stand there is left to be found unknown.
  const parsed = compatibleUsage(Object.keys(others).length === 0 ? counts : object)
  return {
    ...parsed,
    billed: { ...parsed.billed, terms: trafficTerms(shortString(traffic)) },
  }
}
