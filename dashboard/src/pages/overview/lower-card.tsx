import type { ComponentChildren } from 'preact'
import type { Resource } from '../../api/resource.ts'
import { Loaded, Skeleton } from '../../parts/notices.tsx'

/** Of its table, so that nothing below it moves when it comes. */
const HEIGHT = 362

export function LowerCard<T>({
  title,
  aside,
  resource,
  children,
}: {
  title: string
  aside?: ComponentChildren
  resource: Resource<T>
  children: (data: T) => ComponentChildren
}) {
  return (
    <section class="card lower-card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside !== undefined && <div class="end">{aside}</div>}
      </header>
      <Loaded resource={resource} skeleton={<Skeleton height={HEIGHT} />}>
        {children}
      </Loaded>
    </section>
  )
}
