import type { Recording } from './recorded-call.ts'
import { decodedBody, UNRECORDED_CALLS } from './recorded-calls.ts'
import type { Replay } from './replay.ts'
import type { Surface } from './sdk-surfaces.ts'

export type CallKind = 'plain' | 'tool call' | 'stream' | 'streamed tool call' | 'error'

/** A tool call in the answer, in any of the wire formats. */
const TOOL_CALL =
  /"tool_calls"\s*:\s*\[\s*\{|"type"\s*:\s*"(function_call|tool_use)"|"functionCall"\s*:/

/** What a recording is an example of. */
function kindOf(recording: Recording, { expected }: Pick<Replay, 'expected'>): CallKind {
  if (recording.response.status >= 400) return 'error'
  const isTool = TOOL_CALL.test(decodedBody(recording.response).toString())
  if (expected.get(recording.id)?.stream) return isTool ? 'streamed tool call' : 'stream'
  return isTool ? 'tool call' : 'plain'
}

/** The samples of hosts that speak the same under other paths: their own clients call those. */
const OF_OTHER_HOSTS = new Set(UNRECORDED_CALLS.map(({ recording }) => recording.id))

/**
 * The recordings of a surface and a kind: one of every model of every source in the order of their
 * ids, then others up to `most`.
 */
export function chooseRecordings(
  replay: Replay,
  surface: Surface,
  kind: CallKind,
  most: number,
): Recording[] {
  const fitting = replay.recordings
    .filter(
      (recording) =>
        recording.operation === surface &&
        !OF_OTHER_HOSTS.has(recording.id) &&
        recording.request.method === 'POST' &&
        kindOf(recording, replay) === kind,
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const firstOfItsKind = new Map<string, Recording>()
  for (const recording of fitting) {
    const sort = `${recording.id.slice(0, 3)} ${replay.expected.get(recording.id)?.model} ${recording.response.status}`
    if (!firstOfItsKind.has(sort)) firstOfItsKind.set(sort, recording)
  }
  return [...new Set([...firstOfItsKind.values(), ...fitting])].slice(0, most)
}
