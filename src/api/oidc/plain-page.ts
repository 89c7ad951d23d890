import type { FastifyReply } from 'fastify'

interface PlainPage {
  readonly status: number
  readonly title: string
  /** Plain text, one paragraph each. */
  readonly lines: readonly string[]
  /** Where to go on; a path of the page. */
  readonly link: { readonly path: string; readonly text: string }
  /** The browser goes there by itself. */
  readonly goesOn?: boolean
}

/** A page without scripts, for moments in which the dashboard's own cannot be shown. */
export function sendPlainPage(reply: FastifyReply, page: PlainPage): FastifyReply {
  const { status, title, lines, link, goesOn = false } = page
  const path = escaped(link.path)
  const refresh = goesOn ? `<meta http-equiv="refresh" content="0;url=${path}">` : ''
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8">${refresh}<meta name="viewport" content="width=device-width"><title>${escaped(title)} · Flint</title><link rel="icon" href="/ui/flint.svg"><link rel="stylesheet" href="/ui/plain.css"></head><body><main><h1>${escaped(title)}</h1>${lines.map((line) => `<p>${escaped(line)}</p>`).join('')}<p><a href="${path}">${escaped(link.text)}</a></p></main></body></html>`,
    )
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
