import { type JsonObject, objectsOf } from '../json/text.ts'
import { addKnown, tokenCount } from '../usage/token-count.ts'

/** Kinds of tokens that are billed apart. Pages of a document are images. */
const MODALITIES = ['TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT'] as const
type Modality = (typeof MODALITIES)[number]

/**
 * The tokens of these modalities in a list of details, by `modality` (a name in any case, or its
 * number in the proto enum, as older SDKs write it) and by the member that counts; null where none
 * is named.
 */
export function modalityTokens(
  details: unknown,
  count: string,
  ...wanted: readonly Modality[]
): number | null {
  const counts = objectsOf(details).map((entry) => {
    const modality = modalityOf(entry.modality)
    return modality !== null && wanted.includes(modality) ? tokenCount(entry[count]) : null
  })
  return addKnown(...counts)
}

/** The same where details are given at all: a modality that they do not name has no tokens. */
export function detailedTokens(
  details: unknown,
  count: string,
  ...wanted: readonly Modality[]
): number | null {
  return modalityTokens(details, count, ...wanted) ?? (objectsOf(details).length > 0 ? 0 : null)
}

/** Details of a modality that Flint does not know, by the path they stand at. */
export function unknownModalities(
  usage: JsonObject,
  members: readonly string[],
  count: string,
): readonly string[] {
  return members.filter((member) =>
    objectsOf(usage[member]).some(
      (entry) => modalityOf(entry.modality) === null && tokenCount(entry[count]) !== 0,
    ),
  )
}

function modalityOf(value: unknown): Modality | null {
  if (typeof value === 'number') return MODALITIES[value - 1] ?? null
  const name = typeof value === 'string' ? value.toUpperCase() : ''
  return MODALITIES.find((modality) => modality === name) ?? null
}
