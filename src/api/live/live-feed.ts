import { AsyncLocalStorage } from 'node:async_hooks'
import { repeat } from '../../process/repeat.ts'
import type { LiveQueries } from '../../store/calls/live-queries.ts'
import { type LiveListener, OrganisationWatch } from './organisation-watch.ts'

/** Looks for new records once a second for each organisation that someone follows. */
export interface LiveFeed {
  /** From now on, or from a batch's `untilMs` on; the returned function ends it. */
  follow(org: string, sinceMs: number | null, listener: LiveListener): () => void
}

const EVERY_MS = 1_000

interface LiveFeedOptions {
  readonly queries: LiveQueries
  readonly everyMs?: number
}

export function createLiveFeed({ queries, everyMs = EVERY_MS }: LiveFeedOptions): LiveFeed {
  const watches = new Map<string, { watch: OrganisationWatch; stop: () => Promise<void> }>()
  // The request that came first must not be the one that all later statements belong to.
  const outsideRequests = AsyncLocalStorage.snapshot()

  function watchOf(org: string): OrganisationWatch {
    const open = watches.get(org)
    if (open !== undefined) return open.watch
    const watch = new OrganisationWatch(queries, org)
    // The first look waits until its follower is there.
    const stop = outsideRequests(() =>
      repeat(
        everyMs,
        async () => watch.look(),
        () => watch.unavailable(),
      ),
    )
    watches.set(org, { watch, stop })
    return watch
  }

  return {
    follow(org, sinceMs, listener) {
      const watch = watchOf(org)
      watch.add(listener, sinceMs)
      return () => {
        watch.remove(listener)
        const open = watches.get(org)
        if (!watch.isEmpty || open?.watch !== watch) return
        watches.delete(org)
        void open.stop()
      }
    },
  }
}
