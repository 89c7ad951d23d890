import type { BilledCall, BilledShare } from '../../evidence/bill.ts'
import { asObject, jsonObject, jsonString, shortString } from '../json/text.ts'
import { addUsage, countsOf, ownShare } from '../usage/billed-sum.ts'
import { knownMembers, unreadMembers } from '../usage/members.ts'
import type { ParsedUsage } from '../usage/parsed-usage.ts'
import { tokenCount } from '../usage/token-count.ts'
import { imageUsage } from './usage.ts'

/** Wanted of each item of a response's `output`. */
export const ITEM_MEMBERS = {
  type: 'type',
  action: 'action.type',
  environment: 'environment.type',
} as const
/** Wanted of each entry of its `tools`. */
export const TOOL_MEMBERS = { type: 'type', model: 'model' } as const

/** JSON text of wanted values, and the slots in which members stand. */
type Values = readonly (string | undefined)[]
type SlotsOf<Members> = { readonly [Name in keyof Members]: number }

/**
 * Calls that nothing is billed for besides the tokens: the caller, or a server of the caller's,
 * does the work.
 */
const WITHOUT_FEE = [
  ...[
    'function_call',
    'custom_tool_call',
    'computer_call',
    'mcp_call',
    'local_shell_call',
    'apply_patch_call',
    'tool_search_call',
  ],
  'program_call',
]
/**
 * Steps of a search that are no search; only a search is billed
 * (https://developers.openai.com/api/docs/guides/tools-web-search).
 */
const FREE_ACTIONS = ['open_page', 'find_in_page', 'find']
/** What tools used beside the usage of the model: `image_gen` is a usage object of its own. */
const KNOWN = knownMembers(['image_gen'], { web_search: ['num_requests'] })

/**
 * What the hosted tools of one response put on its bill. The answer lists each call as an item, and
 * reports beside its `usage` what they used (`tool_usage`).
 */
export class HostedTools {
  #webSearches = 0
  #fileSearches = 0
  #imageCalls = 0
  readonly #uncounted = new Set<string>()
  #imageModel: string | null = null
  #isPreview = false

  /** An item of the output. */
  item(values: Values, at: SlotsOf<typeof ITEM_MEMBERS>): void {
    const type = jsonString(values[at.type])
    const action = jsonString(values[at.action])
    const environment = jsonString(values[at.environment])
    if (type === null || !type.endsWith('_call') || WITHOUT_FEE.includes(type)) return
    if (type === 'web_search_call') this.#webSearches += FREE_ACTIONS.includes(action ?? '') ? 0 : 1
    else if (type === 'file_search_call') this.#fileSearches += 1
    else if (type === 'image_generation_call') this.#imageCalls += 1
    else if (type !== 'shell_call' || environment !== 'local')
      this.#uncounted.add(type.slice(0, -'_call'.length))
  }

  /** A tool that was offered. */
  tool(values: Values, at: SlotsOf<typeof TOOL_MEMBERS>): void {
    const type = jsonString(values[at.type])
    if (type === 'image_generation') this.#imageModel = jsonString(values[at.model])
    // The earlier version of the tool has other rates, by the kind of model.
    if (type?.startsWith('web_search_preview') === true) this.#isPreview = true
  }

  /** The reading of the response's usage, with what its tools add. */
  addTo(
    reading: ParsedUsage,
    model: string | null,
    toolUsageJson: string | undefined,
  ): ParsedUsage {
    const used = jsonObject(toolUsageJson) ?? {}
    const requests = tokenCount(asObject(used.web_search)?.num_requests) ?? 0
    const webSearches = Math.max(this.#webSearches, requests)
    const image = this.#image(asObject(used.image_gen))
    const uncountedFees = [
      ...this.#uncounted,
      ...(this.#isPreview && webSearches > 0 ? ['web_search_preview'] : []),
      ...(image === 'uncounted' ? ['image_generation'] : []),
    ]
    const { inputTokens } = reading.usage
    const isSeveral = webSearches + this.#fileSearches > 0 && inputTokens !== null
    const billed: BilledCall = {
      ...reading.billed,
      webSearches: webSearches === 0 ? null : webSearches,
      fileSearches: this.#fileSearches === 0 ? null : this.#fileSearches,
      uncountedFees,
      unreadUsage: [
        ...reading.billed.unreadUsage,
        ...unreadMembers(used, KNOWN).map((path) => `tool_usage.${path}`),
      ],
      // Each step of a hosted tool may have been a prompt of its own.
      callSizes: isSeveral ? { least: 0, most: inputTokens } : null,
    }
    if (image === null || image === 'uncounted') return { ...reading, billed }
    const parts = [ownShare(model, reading.usage, billed), image]
    return { ...reading, usage: addUsage(reading.usage, image.usage), billed: { ...billed, parts } }
  }

  /** The tokens of the image model, which no answer counts in its own usage. */
  #image(used: ReturnType<typeof asObject>): BilledShare | 'uncounted' | null {
    const reading = used === null ? null : imageUsage(used)
    const isUsed = (reading?.usage.totalTokens ?? 0) > 0
    if (!isUsed) return this.#imageCalls === 0 ? null : 'uncounted'
    const model = shortString(used?.model) ?? this.#imageModel
    if (reading === null || model === null || reading.billed.unreadUsage.length > 0)
      return 'uncounted'
    return { model, usage: reading.usage, counts: countsOf(reading.billed) }
  }
}
