/**
 * What the observer has under way. An orderly stop waits by these numbers, so they are state, not
 * counters; metrics show them too.
 */
export interface ObserverActivity {
  openStreams: number
  /** Of these, calls that wait for an answer to each piece (profile acked). */
  openAcked: number
  /**
   * Observations that have ended and whose row is not written yet: decoders and content capture
   * work in other threads.
   */
  finishing: number
}

export function createObserverActivity(): ObserverActivity {
  return { openStreams: 0, openAcked: 0, finishing: 0 }
}
