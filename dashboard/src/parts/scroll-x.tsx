import type { ComponentChildren } from 'preact'

/** A table that may be wider than the page: it scrolls by itself, and keys reach what scrolls. */
export function ScrollX({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it keys could not scroll it.
    <section class="scroll-x" aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
