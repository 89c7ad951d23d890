import type { ComponentChildren } from 'preact'
import type { Resource } from '../../api/resource.ts'
import { Loaded } from '../../parts/notices.tsx'

const SKELETON = [
  ['figure', '100,000'],
  ['p', 'against the day before'],
  ['p', 'exact and estimated'],
  ['p', 'and what is not known'],
] as const

/** One of the four numbers of the overview. */
export function Tile<T>({
  title,
  resource,
  children,
}: {
  title: string
  resource: Resource<T>
  children: (data: T) => ComponentChildren
}) {
  return (
    <section class="tile" aria-label={title}>
      <h2>{title}</h2>
      <Loaded resource={resource} skeleton={<TileSkeleton />}>
        {children}
      </Loaded>
    </section>
  )
}

function TileSkeleton() {
  return (
    <div aria-hidden="true">
      {SKELETON.map(([kind, text]) => (
        <p key={text} class={kind === 'figure' ? 'figure' : undefined}>
          <span class="skeleton">{text}</span>
        </p>
      ))}
    </div>
  )
}
