import { type Segment, visibleSegments } from './visible-segments.ts'

/** Text of a caller or provider: what would hide in it is drawn, and its direction stays inside. */
export function VisibleText({ text }: { text: string }) {
  return (
    <bdi>
      <Segments segments={visibleSegments(text)} />
    </bdi>
  )
}

export function Segments({ segments }: { segments: readonly Segment[] }) {
  return (
    <>
      {segments.map(({ text, unseen }) =>
        unseen === null ? (
          text
        ) : (
          <span class="unseen" title="A character that is not drawn by itself">
            ⟨{unseen}⟩
          </span>
        ),
      )}
    </>
  )
}
