import type { Manager } from '../tree.ts'

interface Mapper {
  readonly filter: {
    readonly extension_filter?: { readonly name: string }
    readonly and_filter?: unknown
    readonly response_flag_filter?: unknown
  }
}

/** Where these are the reason, or a record id is asked for, the call was one of Flint's. */
const OF_CALLS = ['flint.answer_withheld', 'flint.ext_proc_error', 'flint.guard_denied']
/** A proxy of the mesh limits no rates for Flint. */
const NOT_IN_A_MESH = ['flint.rate_limited']

/**
 * Envoy's own answers as JSON: all that a proxy of nothing but calls makes, and those that a proxy
 * with other traffic may be given, because no other traffic can get them. That of an API behind
 * Envoy is in neither: there is none.
 */
export function localRepliesOf(manager: Manager) {
  const { mappers } = manager['local_reply_config'] as { readonly mappers: readonly Mapper[] }
  const isNamed = (names: readonly string[], { filter }: Mapper) =>
    names.includes(filter.extension_filter?.name ?? '')
  const ofCalls = mappers.filter(
    (mapper) => isNamed(OF_CALLS, mapper) || mapper.filter.and_filter !== undefined,
  )
  const all = mappers.filter(
    (mapper) => !isNamed(NOT_IN_A_MESH, mapper) && mapper.filter.response_flag_filter === undefined,
  )
  return { localReplies: { mappers: all }, localRepliesOfCalls: { mappers: ofCalls } }
}
