import { jsonString } from '../json/text.ts'

/** What Google's APIs put before a model's name; Vertex AI has projects and publishers. */
const RESOURCE = /^(?:(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/[^/]+\/)?models\//

/** A model's name out of its JSON string, without its resource; null where there is none. */
export function modelName(json: Parameters<typeof jsonString>[0]): string | null {
  return jsonString(json)?.replace(RESOURCE, '') ?? null
}
