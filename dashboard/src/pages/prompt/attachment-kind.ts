import type { AttachmentPart } from './conversation.ts'

/** Pictures that run nothing, whatever their bytes are. SVG is not one of them. */
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** How an attachment may be shown in the page; everything else is a download. */
export function shownAs(mediaType: string | null): 'picture' | 'sound' | null {
  const type = mediaType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (PICTURES.has(type)) return 'picture'
  return /^audio\/[\w.+-]+$/.test(type) ? 'sound' : null
}

/** Why there are no bytes to fetch; null: there are. */
export function whyNoBytes({ kept, sha256, url, fileId }: AttachmentPart): string | null {
  if (kept && sha256 !== null) return null
  if (url !== null) return 'The call refers to it by a URL; Flint does not fetch it.'
  if (fileId !== null) return 'The call refers to it by the provider’s id.'
  return 'Its bytes are not kept.'
}
