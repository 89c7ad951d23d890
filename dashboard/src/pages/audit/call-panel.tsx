import { CopyButton } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { lazily } from '../../parts/lazily.tsx'
import { Skeleton } from '../../parts/notices.tsx'

const CallSummary = lazily(
  () => import('../call/call-summary.tsx').then(({ CallSummary: loaded }) => loaded),
  <Skeleton height={640} />,
)

/** One call beside the list. */
export function CallPanel({
  id,
  href,
  onClose,
}: {
  id: string
  /** Of its page. */
  href: string
  onClose: () => void
}) {
  return (
    <aside class="call-panel" aria-label="Call">
      <div class="actions end">
        <CopyButton text={id} what="id" />
        <a class="button quiet" href={href} title="Open the whole page (o)">
          Open <Icon name="arrow-up-right" />
        </a>
        <button
          type="button"
          class="button quiet"
          aria-label="Close"
          title="Close (Esc)"
          onClick={onClose}
        >
          <Icon name="x" />
        </button>
      </div>
      <CallSummary requestId={id} />
    </aside>
  )
}
