import { jsonString } from '../json/text.ts'

/** A model's name out of its JSON string, without Gemini's `models/`; null where there is none. */
export function modelName(json: Parameters<typeof jsonString>[0]): string | null {
  return jsonString(json)?.replace(/^models\//, '') ?? null
}
