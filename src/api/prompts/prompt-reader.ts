import type { ContentDocument } from '../../content/content-document.ts'
import type { ContentStore } from '../../content/content-store.ts'
import { readContent } from '../../content/stored-content.ts'
import { FlintError } from '../../errors.ts'
import { DAY_MS } from '../../evidence/day.ts'
import type { ContentGap } from '../../evidence/evidence.ts'
import type { EventAction } from '../../identity/events.ts'
import type { HoldsSource } from '../../identity/holds-cache.ts'
import type { SettingsSource } from '../../identity/settings.ts'
import type { ContentQueries } from '../../store/evidence/content-queries.ts'
import type { IdentityLog } from '../../store/identity/identity-log.ts'

interface ReadPrompt {
  readonly org: string
  /** Id of the key that reads. */
  readonly actor: string
  readonly requestId: string
  readonly reason: string | null
}

/** Why there is no prompt to show. */
type NoPrompt =
  | 'unknown'
  | 'capture_off'
  | 'no_content'
  | 'not_readable'
  | 'not_yet_stored'
  | 'not_kept'
  | 'expired'
  | 'missing'
  | 'altered'

export interface PromptReader {
  /** The event of the read is durable before this resolves to a document. */
  read(wish: ReadPrompt): Promise<ContentDocument | NoPrompt>
}

export function createPromptReader({
  queries,
  store,
  settings,
  holds,
  log,
  nowMs = Date.now,
}: {
  readonly queries: ContentQueries
  readonly store: ContentStore
  readonly settings: Pick<SettingsSource, 'settingsOf'>
  readonly holds: HoldsSource
  readonly log: Pick<IdentityLog, 'append'>
  readonly nowMs?: () => number
}): PromptReader {
  return {
    async read({ org, actor, requestId, reason }) {
      const known = await queries.findContent({ org, requestId })
      if (known === null) return 'unknown'
      const { retentionDays, contentRetentionDays } = settings.settingsOf(org)
      const ageMs = nowMs() - known.createdAtMs
      const isHeld = holds.isHeld(org)
      if (ageMs > retentionDays * DAY_MS && !isHeld) return 'unknown'
      if (known.promptCapture !== true) return 'capture_off'
      const isOver = ageMs > contentRetentionDays * DAY_MS
      if (isOver && !isHeld) return 'expired'
      // While a call goes on its object is replaced by longer ones.
      if (known.open) return 'not_yet_stored'
      if (known.contentKey === null || known.contentSha256 === null) return whyNot(known.contentGap)
      const content = await readContent(store, known.contentKey, known.contentSha256).catch(
        (cause: unknown) => {
          throw new FlintError(
            'audit_unavailable',
            'The store of prompts cannot be read right now. Retry later.',
            { cause },
          )
        },
      )
      if (content === 'missing' && isOver) return 'expired'
      // Nothing there yet, or the object of an earlier moment of the call.
      if (content === 'missing' || content === 'altered')
        return known.stored ? content : 'not_yet_stored'
      const action: EventAction = 'prompt.read'
      await log.append([
        {
          subjectKind: 'record',
          org,
          actor,
          action,
          subject: requestId,
          reason,
          old: null,
          new: null,
        },
      ])
      return content
    },
  }
}

const NOT_READABLE: ReadonlySet<string> = new Set<ContentGap>([
  'request_unreadable',
  'unknown_endpoint',
  'websocket',
])

/** Why a call with a gap in its text has no document at all. */
function whyNot(contentGap: string | null): NoPrompt {
  if (contentGap === null) return 'no_content'
  return NOT_READABLE.has(contentGap) ? 'not_readable' : 'not_kept'
}
