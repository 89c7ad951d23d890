import type { AuditRecord } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { CopyButton } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Loaded, Skeleton } from '../../parts/notices.tsx'
import { Outcome } from '../../parts/outcome.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { ALL_COLUMNS, type CellContext, titleOf } from './columns.ts'

const FACTS = [
  ...['provider', 'model', 'requestModel', 'endpoint', 'inOut', 'cached', 'reasoningTokens'],
  ...['cost', 'costStatus', 'latency', 'timeToFirstByteMs', 'key', 'userAgent', 'tags', 'traceId'],
]

/** The main facts of one call beside the list. */
export function CallPanel({
  id,
  context,
  onClose,
}: {
  id: string
  context: CellContext
  onClose: () => void
}) {
  const call = useResource(id, (signal) =>
    get<AuditRecord>(`/audit/${encodeURIComponent(id)}`, {}, signal),
  )
  return (
    <aside class="call-panel" aria-label="Call">
      <header>
        <h2>Call</h2>
        <CopyButton text={id} what="id" />
        <a class="button quiet" href={`/ui/audit/${id}`} title="Open the whole page (o)">
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
      </header>
      <Loaded resource={call} skeleton={<Skeleton height={400} />}>
        {(record) => (
          <>
            <p>
              <Outcome record={record} />
            </p>
            <p class="id">{record.requestId}</p>
            <dl class="pairs">
              {ALL_COLUMNS.filter((column) => FACTS.includes(column.id)).map((column) => (
                <>
                  <dt>{column.label}</dt>
                  <dd title={titleOf(column, record, context)}>
                    <VisibleText text={column.text(record, context)} />
                  </dd>
                </>
              ))}
            </dl>
          </>
        )}
      </Loaded>
    </aside>
  )
}
