/** Longer without input, and nobody is known to look at the page. */
const PRESENT_MS = 60_000
const INPUTS = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart']

let lastInputMs = Number.NEGATIVE_INFINITY

/** Notes what a person does on the page from now on; that it was opened is the first of it. */
export function followInput(): void {
  const note = () => {
    lastInputMs = Date.now()
  }
  note()
  for (const name of INPUTS) addEventListener(name, note, { capture: true, passive: true })
  // Of the window alone: the page moves the focus among its own elements by itself.
  addEventListener('focus', note)
}

/** How long nothing was pressed, moved or scrolled, by the clock: a timer stands still in sleep. */
export function sinceInputMs(): number {
  return Date.now() - lastInputMs
}

/** Whether someone used the page within the last minute. */
export function isPresent(): boolean {
  return sinceInputMs() < PRESENT_MS
}
