import { signal } from '@preact/signals'

const SHOWN_MS = 4_000

const shown = signal<readonly { readonly id: number; readonly text: string }[]>([])
let last = 0

/** Says something for a moment, also to screen readers. */
export function toast(text: string): void {
  last += 1
  const id = last
  shown.value = [...shown.value, { id, text }]
  setTimeout(() => {
    shown.value = shown.value.filter((one) => one.id !== id)
  }, SHOWN_MS)
}

export function Toasts() {
  return (
    <div class="toasts" role="status">
      {shown.value.map(({ id, text }) => (
        <div key={id} class="toast fade">
          {text}
        </div>
      ))}
    </div>
  )
}
