import { Type } from 'typebox'
import { FlintError } from '../../errors.ts'
import type { NoAttachment, NoPrompt } from './prompt-reader.ts'

export const requestId = Type.String({ description: 'requestId of the record.' })

export const reason = Type.Optional(
  Type.String({
    maxLength: 500,
    description:
      'Why you read it; kept in the event of the read. Required where the setting `promptReadReason` is `required`.',
  }),
)

export const WHY_NO_PROMPT =
  'Where there is none, 404 says why in `reason`: `unknown` (no such record), `capture_off` (prompt capture was off), `no_content` (the ' +
  'call had no text), `not_readable` (its request was in no form that Flint reads, or for an endpoint that it does not know, or it was a websocket that carried sound alone), `not_yet_stored`, `not_kept` (there was no space for it), `expired`, `missing` (the object is gone from the ' +
  'store), `altered` (the object is not the one that was written).'

const WHY_NOT: Readonly<Record<NoPrompt | NoAttachment, string>> = {
  unknown: 'There is no record with this id.',
  capture_off: 'Prompt capture was off when this call was made.',
  no_content: 'This call had no text that could be kept.',
  not_readable:
    'The text of this call could not be read: its body was in no known form, its endpoint is not known, or it was a websocket that carried sound alone.',
  not_yet_stored: 'The prompt is on its way to the store: ask again in a moment.',
  not_kept: 'There was no space to keep this prompt when the call was made; its record says so.',
  expired: 'The prompt was kept as long as contentRetentionDays says, and is gone.',
  missing: 'The object that holds this prompt is not in the store any more.',
  altered: 'The object that holds this prompt was altered after it was written: it is not shown.',
  unknown_attachment: 'This call has no attachment with this SHA-256.',
  attachment_not_kept:
    'There was no space to keep the bytes of this attachment when the call was made.',
}

/** The 404 that says why. */
export function noPrompt(why: NoPrompt | NoAttachment): FlintError {
  return new FlintError('not_found', WHY_NOT[why], { reason: why })
}
