import { asList, jsonObject } from '../json/text.ts'

/** The part of an answer that reports searches that Google bills beside the tokens. */
export const GROUNDING_PATHS = {
  webQueries: 'groundingMetadata.webSearchQueries',
  imageQueries: 'groundingMetadata.imageSearchQueries',
  mapsToken: 'groundingMetadata.googleMapsWidgetContextToken',
  mapsPlace: 'groundingMetadata.groundingChunks[].maps.placeId',
} as const
type GroundingSlots = { readonly [Name in keyof typeof GROUNDING_PATHS]: number }

export interface Grounding {
  /** Different queries that are not empty: what Gemini 3 bills. Null where there are none. */
  readonly webSearches: number | null
  /** 1 for an answer that was grounded in a search: what earlier models bill. */
  readonly groundedPrompts: number | null
  readonly uncountedFees: readonly string[]
}

/** Gathers what the documents of one answer say of its grounding; they may repeat each other. */
export class GroundingParser {
  readonly #queries = new Set<string>()
  #hasMaps = false

  /** `at`: where the values of `GROUNDING_PATHS` stand. */
  read(values: readonly (string | undefined)[], at: GroundingSlots): void {
    this.#add(values[at.webQueries])
    this.#add(values[at.imageQueries])
    this.#hasMaps ||= values[at.mapsToken] !== undefined || values[at.mapsPlace] !== undefined
  }

  get result(): Grounding {
    const isSearched = this.#queries.size > 0
    return {
      webSearches: isSearched ? this.#queries.size : null,
      groundedPrompts: isSearched ? 1 : null,
      uncountedFees: this.#hasMaps ? ['google_maps'] : [],
    }
  }

  #add(json: string | undefined): void {
    if (json === undefined) return
    const { queries } = jsonObject(`{"queries":${json}}`) ?? {}
    for (const query of asList(queries))
      if (typeof query === 'string' && query !== '') this.#queries.add(query)
  }
}
