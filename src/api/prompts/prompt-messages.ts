import type { ContentAttachment, ContentDocument } from '../../content/content-document.ts'
import type { MessagePart, TextSpan } from '../../providers/text/conversation.ts'
import type { PublicMessage, PublicPart } from './prompt-schema.ts'

interface PromptMessages {
  readonly messages: PublicMessage[] | null
  /** Objects of earlier builds have the prompt as one text, and no messages. */
  readonly messagesGap: 'earlier_format' | null
  readonly messagesTruncated: boolean | null
}

/** The messages of a call, with their texts in place. */
export function promptMessages(document: ContentDocument): PromptMessages {
  const { messages, toolText = '', messagesTruncated = false } = document
  if (messages === undefined)
    return { messages: null, messagesGap: 'earlier_format', messagesTruncated: null }
  const texts = {
    prompt: document.prompt ?? '',
    completion: document.completion ?? '',
    tools: toolText,
  }
  const textOf = (span: TextSpan | null) =>
    span === null
      ? { text: null, truncated: true }
      : { text: texts[span.of].slice(span.from, span.to), truncated: span.cut }
  const partOf = (part: MessagePart): PublicPart[] => {
    switch (part.type) {
      case 'text': {
        const { text, truncated } = textOf(part.text)
        return [{ type: 'text', text: text ?? '', truncated }]
      }
      case 'toolCall': {
        const { text, truncated } = textOf(part.arguments)
        return [{ type: 'toolCall', id: part.id, name: part.name, arguments: text, truncated }]
      }
      case 'answerToolCall': {
        const call = document.toolCalls[part.index]
        if (call === undefined) return []
        const { id, name, argumentsJson } = call
        const truncated = argumentsJson === null
        return [{ type: 'toolCall', id, name, arguments: argumentsJson, truncated }]
      }
      case 'toolResult':
        return [{ type: 'toolResult', id: part.id, name: part.name, ...textOf(part.text) }]
      case 'attachment': {
        const attachment = document.attachments[part.index]
        return attachment === undefined ? [] : [attachmentPart(attachment)]
      }
      default:
        return [part]
    }
  }
  return {
    messages: messages.map(({ role, parts }) => ({ role, parts: parts.flatMap(partOf) })),
    messagesGap: null,
    messagesTruncated,
  }
}

function attachmentPart({
  kind,
  mediaType,
  sha256,
  bytes,
  key,
  name,
  url,
  fileId,
}: ContentAttachment): PublicPart {
  return {
    type: 'attachment',
    kind,
    mediaType,
    sha256,
    bytes,
    kept: key !== null,
    name: name ?? null,
    url: url ?? null,
    fileId: fileId ?? null,
  }
}
