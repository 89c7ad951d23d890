import { useMemo } from 'preact/hooks'
import { copyText } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { Attachment } from './attachment.tsx'
import { type MessagePart, redactions, textOf } from './conversation.ts'
import { indentedJson } from './indented-json.ts'
import { saveAs } from './save-as.ts'
import { TextView } from './text-view.tsx'

export interface PartContext {
  readonly requestId: string
  /** Why it is read: reads of attachments are recorded with it as well. */
  readonly reason: string
  /** Without signs for characters that are not drawn, and JSON in its own lines. */
  readonly asSent: boolean
}

/** One part of a message: text, a tool's call or result, or an attachment. */
export function PartView({
  part,
  fileName,
  context,
}: {
  part: MessagePart
  /** Of a download, without its ending. */
  fileName: string
  context: PartContext
}) {
  if (part.type === 'attachment') return <Attachment part={part} context={context} />
  if (part.type === 'other')
    return (
      <p class="muted">
        {part.name === null ? 'A part without a name' : <VisibleText text={part.name} />}: that it
        was there is known, its content is not kept.
      </p>
    )
  const text = textOf(part)
  const isTool = part.type !== 'text'
  return (
    <>
      {isTool && <ToolTitle part={part} />}
      {text === null ? (
        <p class="muted">Its text is not kept.</p>
      ) : (
        <>
          <PartText text={text} isTool={isTool} asSent={context.asSent} />
          <Notes text={text} isTruncated={part.truncated} />
          <TextActions text={text} fileName={fileName} />
        </>
      )}
    </>
  )
}

function PartText({ text, isTool, asSent }: { text: string; isTool: boolean; asSent: boolean }) {
  const shown = useMemo(
    () => (isTool && !asSent ? (indentedJson(text) ?? text) : text),
    [text, isTool, asSent],
  )
  if (text === '') return <p class="muted">Empty.</p>
  return <TextView key={String(asSent)} text={shown} asSent={asSent} />
}

function TextActions({ text, fileName }: { text: string; fileName: string }) {
  return (
    <p class="part-actions">
      <button
        type="button"
        class="button quiet"
        onClick={() => void copyText(text, 'text of this part')}
      >
        <Icon name="copy" /> Copy
      </button>
      <button
        type="button"
        class="button quiet"
        onClick={() => saveAs(new Blob([text], { type: 'text/plain' }), `${fileName}.txt`)}
      >
        <Icon name="download" /> Download .txt
      </button>
    </p>
  )
}

function ToolTitle({ part }: { part: Extract<MessagePart, { type: 'toolCall' | 'toolResult' }> }) {
  const { type, name, id } = part
  return (
    <p class="tool">
      {type === 'toolCall' ? 'calls' : 'result of'}{' '}
      <strong>{name === null ? 'a tool without a name' : <VisibleText text={name} />}</strong>
      {id !== null && (
        <span class="id muted">
          {' '}
          <VisibleText text={id} />
        </span>
      )}
    </p>
  )
}

function Notes({ text, isTruncated }: { text: string; isTruncated: boolean }) {
  const redacted = useMemo(() => redactions(text), [text])
  if (redacted === 0 && !isTruncated) return null
  return (
    <p class="small warn">
      {isTruncated && 'Cut: the text goes on beyond what is kept, or was not seen to its end. '}
      {redacted > 0 &&
        `${redacted} key-shaped ${redacted === 1 ? 'secret was' : 'secrets were'} taken out before it was kept.`}
    </p>
  )
}
