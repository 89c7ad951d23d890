import { createHash } from 'node:crypto'
import type { ContentDocument } from '../../content/content-document.ts'
import type { ContentStore } from '../../content/content-store.ts'
import { readContent } from '../../content/stored-content.ts'
import { FlintError } from '../../errors.ts'
import { DAY_MS } from '../../evidence/day.ts'
import type { ContentGap } from '../../evidence/evidence.ts'
import type { Acted, EventAction } from '../../identity/events.ts'
import type { HoldsSource } from '../../identity/holds-cache.ts'
import type { PromptReadReason, SettingsSource } from '../../identity/settings.ts'
import type { ContentQueries } from '../../store/evidence/content-queries.ts'
import type { IdentityEvent } from '../../store/identity/identity-event.ts'
import type { IdentityLog } from '../../store/identity/identity-log.ts'

interface ReadPrompt extends Acted {
  readonly org: string
  readonly requestId: string
  readonly reason: string | null
}

/** Why there is no prompt to show. */
export type NoPrompt =
  | 'unknown'
  | 'capture_off'
  | 'no_content'
  | 'not_readable'
  | 'not_yet_stored'
  | 'not_kept'
  | 'expired'
  | 'missing'
  | 'altered'

interface ReadAttachment extends ReadPrompt {
  /** Of its bytes, hex. */
  readonly sha256: string
}

/** What is kept of one attachment. */
interface KeptAttachment {
  /** As the call named it. */
  readonly mediaType: string | null
  readonly body: Buffer
}

interface FoundDocument {
  readonly content: ContentDocument
  /** Its time is over: what is left of it is there for a legal hold. */
  readonly isOver: boolean
}

/** Why there is no attachment to show, where there is a prompt. */
export type NoAttachment = 'unknown_attachment' | 'attachment_not_kept'

/** The event of a read is durable before either resolves to what is read. */
export interface PromptReader {
  read(wish: ReadPrompt): Promise<ContentDocument | NoPrompt>
  readAttachment(wish: ReadAttachment): Promise<KeptAttachment | NoAttachment | NoPrompt>
  /** Whether a record of this id can be seen at all. */
  isKnown(record: Pick<ReadPrompt, 'org' | 'requestId'>): Promise<boolean>
}

interface PromptReaderOptions {
  readonly queries: ContentQueries
  readonly store: ContentStore
  readonly settings: Pick<SettingsSource, 'settingsOf'>
  readonly holds: HoldsSource
  readonly log: Pick<IdentityLog, 'append'>
  readonly nowMs?: () => number
}

export function createPromptReader({
  queries,
  store,
  settings,
  holds,
  log,
  nowMs = Date.now,
}: PromptReaderOptions): PromptReader {
  const known = async ({ org, requestId }: Pick<ReadPrompt, 'org' | 'requestId'>) => {
    const found = await queries.findContent({ org, requestId })
    if (found === null) return null
    const { retentionDays, contentRetentionDays } = settings.settingsOf(org)
    const ageMs = nowMs() - found.createdAtMs
    const isHeld = holds.isHeld(org)
    if (ageMs > retentionDays * DAY_MS && !isHeld) return null
    return { ...found, isHeld, isOver: ageMs > contentRetentionDays * DAY_MS }
  }

  const findDocument = async (wish: ReadPrompt): Promise<FoundDocument | NoPrompt> => {
    checkReason(wish.reason, settings.settingsOf(wish.org).promptReadReason)
    const found = await known(wish)
    if (found === null) return 'unknown'
    if (found.promptCapture !== true) return 'capture_off'
    if (found.isOver && !found.isHeld) return 'expired'
    // While a call goes on its object is replaced by longer ones.
    if (found.open) return 'not_yet_stored'
    if (found.contentKey === null || found.contentSha256 === null) return whyNot(found.contentGap)
    const content = await asked(readContent(store, found.contentKey, found.contentSha256))
    if (content === 'missing' && found.isOver) return 'expired'
    // Nothing there yet, or the object of an earlier moment of the call.
    if (content === 'missing' || content === 'altered')
      return found.stored ? content : 'not_yet_stored'
    return { content, isOver: found.isOver }
  }

  const noteRead = (
    { org, actor, sessionId, requestId: subject, reason }: ReadPrompt,
    action: EventAction,
    what: IdentityEvent['new'],
  ) =>
    log.append([
      {
        ...{ subjectKind: 'record', org, actor, sessionId, action, subject, reason },
        ...{ old: null, new: what },
      },
    ])

  return {
    async read(wish) {
      const found = await findDocument(wish)
      if (typeof found === 'string') return found
      await noteRead(wish, 'prompt.read', null)
      return found.content
    },
    async readAttachment(wish) {
      const found = await findDocument(wish)
      if (typeof found === 'string') return found
      const { sha256 } = wish
      const same = found.content.attachments.filter((attachment) => attachment.sha256 === sha256)
      const [first] = same
      if (first === undefined) return 'unknown_attachment'
      const { key } = same.find((attachment) => attachment.key !== null) ?? first
      if (key === null) return 'attachment_not_kept'
      const body = await asked(store.get(key))
      if (body === null) return found.isOver ? 'expired' : 'missing'
      if (createHash('sha256').update(body).digest('hex') !== sha256) return 'altered'
      await noteRead(wish, 'attachment.read', { sha256 })
      return { mediaType: first.mediaType, body }
    },
    isKnown: async (record) => (await known(record)) !== null,
  }
}

/** What the store of content answers; it may be away. */
async function asked<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer
  } catch (cause) {
    throw new FlintError(
      'audit_unavailable',
      'The store of prompts cannot be read right now. Retry later.',
      { cause },
    )
  }
}

function checkReason(reason: string | null, rule: PromptReadReason): void {
  if (rule === 'optional' || (reason !== null && reason.trim() !== '')) return
  throw new FlintError(
    'invalid_request',
    'The query parameter "reason" is missing: the setting "promptReadReason" requires it.',
  )
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
