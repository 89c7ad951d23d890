/** Tokens of a text that has no special tokens in it. */
export type CountTokens = (text: string) => number

export type EncodingName = 'o200k_base' | 'cl100k_base'

/**
 * The encoding of a model's vocabulary; for models of other makers the newer one is the nearest
 * there is.
 */
export function encodingOf(model: string | null): EncodingName {
  return /^(ft:)?(gpt-3\.5|gpt-4(?!o|\.)|text-davinci|davinci|babbage|text-embedding)/.test(
    model ?? '',
  )
    ? 'cl100k_base'
    : 'o200k_base'
}
