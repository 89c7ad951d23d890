const MODEL_PATH = /^\/model\/(.+)\/[a-z-]{1,40}\/?$/
/** Kinds of resources whose names are models, or a model in a geography. */
const NAMES_MODEL = /^arn:[^/]*:(foundation-model|inference-profile)\/(.+)$/
const MAX_LENGTH = 256

/**
 * The model that a path names, or an inference profile of a geography
 * (`us.anthropic.claude-sonnet-4-5-20250929-v1:0`), also at the end of an ARN, percent-encoded or
 * not. Null where the path names what someone made of a model: an application inference profile,
 * provisioned throughput, a router, a prompt, a model of one's own.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
 */
export function modelOfPath(endpoint: string): string | null {
  const encoded = MODEL_PATH.exec(endpoint)?.[1]
  return encoded === undefined ? null : modelOf(decoded(encoded))
}

/** The same of an identifier or ARN as an answer has it. */
export function modelOf(identifier: string): string | null {
  const name = identifier.startsWith('arn:') ? NAMES_MODEL.exec(identifier)?.[2] : identifier
  // All others are ids without the dot that parts vendor and model.
  return name?.includes('.') === true && !name.includes('/') && name.length <= MAX_LENGTH
    ? name
    : null
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
