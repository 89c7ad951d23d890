import { useState } from 'preact/hooks'
import type { AuditRecord } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { useResource } from '../../api/resource.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Loaded, Skeleton } from '../../parts/notices.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { UNKNOWN } from '../../state/numbers.ts'

/** Two calls side by side, first what differs. */
export function CompareDialog({ ids, onClose }: { ids: readonly string[]; onClose: () => void }) {
  const [isAll, setAll] = useState(false)
  const pair = useResource(ids.join(' '), (signal) =>
    Promise.all(ids.map((id) => get<AuditRecord>(`/audit/${encodeURIComponent(id)}`, {}, signal))),
  )
  return (
    <Dialog title="Two calls side by side" onClose={onClose}>
      <Loaded resource={pair} skeleton={<Skeleton height={320} />}>
        {(records) => {
          const rows = fieldsOf(records).filter(({ isSame }) => isAll || !isSame)
          return (
            <div class="scroll-x">
              <table class="table top compare">
                <caption class="visually-hidden">Fields of both calls</caption>
                <thead>
                  <tr>
                    <th scope="col">Field</th>
                    {records.map(({ requestId, createdAt }) => (
                      <th key={requestId} scope="col">
                        <a href={`/ui/audit/${requestId}`}>{createdAt}</a>
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ name, values, isSame }) => (
                    <tr key={name} class={isSame ? 'muted' : undefined}>
                      <th scope="row">{name}</th>
                      {values.map((value, at) => (
                        <td key={records[at]?.requestId} class="id">
                          <VisibleText text={value} />
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }}
      </Loaded>
      <div class="actions">
        <label class="check">
          <input type="checkbox" checked={isAll} onChange={() => setAll(!isAll)} />
          Also what is the same
        </label>
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  )
}

function fieldsOf(records: readonly AuditRecord[]) {
  const tables = records.map((record) => new Map(Object.entries(record)))
  return [...(tables[0]?.keys() ?? [])].map((name) => {
    const values = tables.map((table) => shown(table.get(name)))
    return { name, values, isSame: values.every((value) => value === values[0]) }
  })
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return UNKNOWN
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
