import { type BilledCall, NOTHING_BILLED } from '../../evidence/bill.ts'
import { NO_USAGE } from '../../evidence/usage.ts'
import { asObject, type JsonObject } from '../json/text.ts'
import { knownMembers, unknownMembers, unreadMembers } from '../usage/members.ts'
import type { ParsedUsage } from '../usage/parsed-usage.ts'
import { addAll, amount, tokenCount } from '../usage/token-count.ts'

/** The parts of a total: details are named in the plural or in the singular, by endpoint. */
const INPUT_PARTS = [
  'cached_tokens',
  'cache_write_tokens',
  'audio_tokens',
  'text_tokens',
  'image_tokens',
  'cached_tokens_details',
]
const OUTPUT_PARTS = [
  ...['reasoning_tokens', 'audio_tokens', 'text_tokens', 'image_tokens'],
  ...['accepted_prediction_tokens', 'rejected_prediction_tokens'],
]
const KNOWN = knownMembers(
  [
    'prompt_tokens',
    'completion_tokens',
    'input_tokens',
    'output_tokens',
    'total_tokens',
    'type',
    'seconds',
    // Milliseconds that Azure's steps took.
    'latency_checkpoint',
  ],
  {
    prompt_tokens_details: INPUT_PARTS,
    prompt_token_details: INPUT_PARTS,
    input_tokens_details: INPUT_PARTS,
    input_token_details: INPUT_PARTS,
    completion_tokens_details: OUTPUT_PARTS,
    completion_token_details: OUTPUT_PARTS,
    output_tokens_details: OUTPUT_PARTS,
    output_token_details: OUTPUT_PARTS,
  },
)

/**
 * Any usage object of OpenAI: `prompt_tokens` and `completion_tokens` (chat, completions,
 * embeddings, runs), `input_tokens` and `output_tokens` (responses, images, audio, batches,
 * realtime), or `seconds` of speech. Details are parts of the totals.
 */
export function openaiUsage(usage: JsonObject): ParsedUsage {
  const details = (side: string) =>
    asObject(usage[`${side}_tokens_details`]) ?? asObject(usage[`${side}_token_details`])
  const inputDetails = details('prompt') ?? details('input')
  const outputDetails = details('completion') ?? details('output')
  const cached = asObject(inputDetails?.cached_tokens_details)
  const input = tokenCount(usage.prompt_tokens) ?? tokenCount(usage.input_tokens)
  const output = tokenCount(usage.completion_tokens) ?? tokenCount(usage.output_tokens)
  const billed: BilledCall = {
    ...NOTHING_BILLED,
    imageInputTokens: tokenCount(inputDetails?.image_tokens),
    imageOutputTokens: tokenCount(outputDetails?.image_tokens),
    cachedAudioInputTokens: tokenCount(cached?.audio_tokens),
    cachedImageInputTokens: tokenCount(cached?.image_tokens),
    audioSeconds: amount(usage.seconds),
    unreadUsage: unreadMembers(usage, KNOWN),
  }
  return {
    usage: {
      ...NO_USAGE,
      inputTokens: input,
      outputTokens: output,
      totalTokens: addAll(input, output),
      cachedInputTokens: tokenCount(inputDetails?.cached_tokens),
      cacheWriteTokens: tokenCount(inputDetails?.cache_write_tokens),
      reasoningTokens: tokenCount(outputDetails?.reasoning_tokens),
      audioInputTokens: tokenCount(inputDetails?.audio_tokens),
      audioOutputTokens: tokenCount(outputDetails?.audio_tokens),
    },
    billed,
    unknown: unknownMembers(usage, KNOWN),
  }
}

/** Usage of an image model: older answers do not split the output, which is the image. */
export function imageUsage(usage: JsonObject): ParsedUsage {
  const reading = openaiUsage(usage)
  const imageOutputTokens = reading.billed.imageOutputTokens ?? reading.usage.outputTokens
  return { ...reading, billed: { ...reading.billed, imageOutputTokens } }
}

/**
 * A usage that is the sum of calls no one counts: any of them may have been as long as the sum, or
 * short.
 */
export function sumUsage(usage: JsonObject): ParsedUsage {
  const reading = openaiUsage(usage)
  const { inputTokens } = reading.usage
  if (inputTokens === null) return reading
  return { ...reading, billed: { ...reading.billed, callSizes: { least: 0, most: inputTokens } } }
}

/** Embeddings have no output: their total is their input. */
export function inputOnlyUsage(usage: JsonObject): ParsedUsage {
  const reading = openaiUsage(usage)
  const { inputTokens } = reading.usage
  if (inputTokens === null) return reading
  return { ...reading, usage: { ...reading.usage, outputTokens: 0, totalTokens: inputTokens } }
}
