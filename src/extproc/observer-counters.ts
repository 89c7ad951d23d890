/** Counted per process since its start; read by the metrics page. */
export interface ObserverCounters {
  observed: number
  closings: number
  /** Streams and log entries without the gate's word: refused calls and Envoy's own answers. */
  unattributed: number
  /** Metadata with a wrong MAC: somebody else writes into our namespace. */
  forged: number
  unknownProvider: number
  shed: number
  streamsLost: number
  rowsRefused: number
  /** Calls whose words could not be kept: the spool of content was full. */
  contentRefused: number
  openStreams: number
  /** Of these, calls that wait for an answer to each piece (profile acked). */
  openAcked: number
  /** Observations whose decoder still works off what came; then their row is written. */
  finishing: number
}

export function createObserverCounters(): ObserverCounters {
  return {
    observed: 0,
    closings: 0,
    unattributed: 0,
    forged: 0,
    unknownProvider: 0,
    shed: 0,
    streamsLost: 0,
    rowsRefused: 0,
    contentRefused: 0,
    openStreams: 0,
    openAcked: 0,
    finishing: 0,
  }
}
