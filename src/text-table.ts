import Table from 'cli-table3'

/** A table for a terminal; an empty one is its head. */
export function textTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const table = new Table({
    head: head.map(printable),
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) table.push(row.map(printable))
  return table.toString()
}

/**
 * C0 and C1 controls, and the characters that turn the direction of text round (Unicode TR 36
 * §2.8): what a stranger sent must not drive a terminal.
 */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}]/gu

/** A text in which every control character is shown instead of obeyed: `\u001b`. */
export function printable(text: string): string {
  return text.replace(
    CONTROLS,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
