import { createHash } from 'node:crypto'
import type { CapturedColumns, Provider } from '../evidence/evidence.ts'
import { maskedPath } from '../evidence/evidence-line.ts'
import { jsonLine } from '../evidence/json-line.ts'
import { redact, redactJoined, redactStretch } from '../evidence/redact.ts'
import type { Attachment, ExchangeText, PromptText } from '../providers/text/exchange-text.ts'
import { previewOf } from '../providers/text/preview.ts'
import { type CapturePolicy, promptHashOf } from './capture-policy.ts'
import { cleanConversation } from './clean-conversation.ts'
import type { ContentAttachment, ContentDocument } from './content-document.ts'
import { attachmentKey, contentKey } from './content-key.ts'
import type { ContentLine } from './content-line.ts'

export interface CapturedCall {
  readonly org: string
  readonly recordId: string
  readonly provider: Provider
  readonly model: string | null
  readonly endpoint: string | null
}

export interface CapturedContent {
  readonly columns: CapturedColumns
  /** For the spool of content, the document last: when it is there, what it names is there. */
  readonly lines: readonly ContentLine[]
}

/** The columns of a call whose text is not kept, or that had none. */
export function nothingCaptured(capture: boolean): CapturedColumns {
  return {
    capture,
    prompt_preview: null,
    last_user_preview: null,
    completion_preview: null,
    prompt_hash: null,
    content_key: null,
    content_sha256: null,
    content_gap: null,
    attachments: [],
  }
}

/** What the content spool refused is not kept: evidence keeps previews and hash, and says so. */
export function withoutObject(columns: CapturedColumns): CapturedColumns {
  return {
    ...columns,
    content_key: null,
    content_sha256: null,
    content_gap: 'spool_full',
    attachments: [],
  }
}

/** Previews, hash and the object of one call's text. `secret`: for hashes in mode `hmac`. */
export function captureContent(
  call: CapturedCall,
  text: ExchangeText,
  policy: CapturePolicy,
  secret: Buffer,
): CapturedContent {
  const { prompt, completion } = text
  // Before the preview is cut: half a key would not be recognised.
  const clean = (text: string) => (policy.redact ? redactJoined(text) : text)
  const said = cleanConversation(text, policy)
  const { prompt: promptText, completion: completionText } = said
  const columns = {
    ...nothingCaptured(true),
    prompt_preview: promptText === null ? null : previewOf(promptText),
    last_user_preview: prompt === null ? null : lastUserPreview(prompt, policy),
    completion_preview: completionText === null ? null : previewOf(completionText),
    prompt_hash:
      prompt?.hashSha256 == null
        ? null
        : promptHashOf(prompt.hashSha256, policy, { org: call.org, secret }),
  }
  const isEmpty =
    promptText === null &&
    completionText === null &&
    text.toolCalls.length === 0 &&
    text.attachments.length === 0 &&
    said.toolText === ''
  if (isEmpty) return { columns, lines: [] }

  const kept = text.attachments.flatMap(({ sha256, data }) =>
    sha256 === null || data === undefined ? [] : [{ sha256, data }],
  )
  const isKept = (sha256: string | null): sha256 is string =>
    kept.some((attachment) => attachment.sha256 === sha256)
  const document: ContentDocument = {
    format: 'flint-content/2',
    requestId: call.recordId,
    prompt: promptText,
    completion: completionText,
    provider: call.provider,
    // What names the call is clean whatever the organisation wants of its text.
    model: call.model === null ? null : redact(call.model),
    endpoint: call.endpoint === null ? null : maskedPath(call.endpoint),
    promptTruncated: prompt?.truncated ?? false,
    completionTruncated: completion?.truncated ?? false,
    toolCalls: text.toolCalls.map((toolCall) => ({
      ...toolCall,
      id: toolCall.id === null ? null : redact(toolCall.id),
      name: toolCall.name === null ? null : redact(toolCall.name),
      argumentsJson: toolCall.argumentsJson === null ? null : clean(toolCall.argumentsJson),
    })),
    attachments: text.attachments.map((attachment) => ({
      ...describedAttachment(attachment, clean),
      key: isKept(attachment.sha256)
        ? attachmentKey(call.org, call.recordId, attachment.sha256)
        : null,
    })),
    messages: said.messages,
    toolText: said.toolText,
    messagesTruncated: text.conversation.truncated,
  }
  // Half of a surrogate pair is kept as the preview shows it and the hash reads it.
  const body = jsonLine(document).trimEnd()
  const sha256 = createHash('sha256').update(body).digest('hex')
  const place = { org: call.org, record_id: call.recordId }
  const attachments = [...new Map(kept.map((attachment) => [attachment.sha256, attachment.data]))]
  return {
    columns: {
      ...columns,
      content_key: contentKey(call.org, call.recordId),
      content_sha256: sha256,
      attachments: attachments.map(([hash]) => hash),
    },
    lines: [
      ...attachments.map(([hash, data]) => ({
        kind: 'attachment' as const,
        ...place,
        sha256: hash,
        base64: data.toString('base64'),
      })),
      { kind: 'document', ...place, provider: call.provider, sha256, body },
    ],
  }
}

function describedAttachment(
  { direction, kind, mediaType, sha256, bytes, url, fileId, name }: Attachment,
  clean: (text: string) => string,
): Omit<ContentAttachment, 'key'> {
  return {
    direction,
    kind,
    mediaType: mediaType === null ? null : redact(mediaType),
    sha256,
    bytes,
    ...(url === undefined ? {} : { url: clean(url) }),
    ...(fileId === undefined ? {} : { fileId: redact(fileId) }),
    ...(name === undefined ? {} : { name: redact(name) }),
  }
}

/** What stands beside it in the prompt decides as well what of it is a key. */
function lastUserPreview({ full, lastUser }: PromptText, policy: CapturePolicy): string | null {
  if (lastUser === null) return null
  const { start, at } = lastUser
  if (!policy.redact) return previewOf(start)
  const isInFull = at !== null && at + start.length <= full.length
  return previewOf(isInFull ? redactStretch(full, at, at + start.length) : redactJoined(start))
}
