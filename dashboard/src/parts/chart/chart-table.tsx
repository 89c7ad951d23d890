import { dateTime } from '../../state/times.ts'
import { copyText } from '../copy.tsx'
import { type Cell, csvText, saveText, tabText } from '../csv.ts'
import { Dialog } from '../dialog.tsx'
import { Icon } from '../icon.tsx'
import { type ChartData, stackOf } from './chart-data.ts'
import type { ChartWording } from './chart-text.ts'

/** The numbers of a chart, to read, to copy and to take along; each is a link to its calls. */
export function ChartTable({
  data,
  wording,
  unit,
  hrefOf,
  onClose,
}: {
  data: ChartData
  wording: ChartWording
  /** Stands in the head of each column. */
  unit: string
  hrefOf: (index: number, key: string | null) => string
  onClose: () => void
}) {
  const { title, format, timeZone } = wording
  const rows = tableRows(data, timeZone, unit)
  const name = `${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.csv`
  return (
    <Dialog title={title} onClose={onClose} isWide>
      <div class="actions">
        <button type="button" class="button" onClick={() => void copyText(tabText(rows), 'table')}>
          <Icon name="copy" /> Copy
        </button>
        <button type="button" class="button" onClick={() => saveText(csvText(rows), name)}>
          <Icon name="download" /> CSV
        </button>
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also with keys. */}
      <section class="scroll-x" tabIndex={0} aria-label={title}>
        <table class="table">
          <caption>
            {title}, {unit}, times in {timeZone}
          </caption>
          <thead>
            <tr>
              <th>From</th>
              {data.series.map(({ key, label }) => (
                <th key={key} class="number">
                  {label}
                </th>
              ))}
              {data.kind === 'bars' && <th class="number">Total</th>}
              {data.losses !== undefined && <th class="number">Not observed</th>}
            </tr>
          </thead>
          <tbody>
            {data.buckets.map((bucket, index) => (
              <tr key={bucket.fromMs}>
                <th scope="row">
                  <a class="cell" href={hrefOf(index, null)}>
                    {dateTime(bucket.fromMs, timeZone, 'min')}
                  </a>
                </th>
                {data.series.map(({ key, values }) => (
                  <td key={key} class="number">
                    <a class="cell" href={hrefOf(index, key)}>
                      {format(values[index] ?? null)}
                    </a>
                  </td>
                ))}
                {data.kind === 'bars' && (
                  <td class="number">
                    <a class="cell" href={hrefOf(index, null)}>
                      {format(stackOf(data, index))}
                    </a>
                  </td>
                )}
                {data.losses !== undefined && <td class="number">{data.losses[index] ?? 0}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Dialog>
  )
}

/** The table as it leaves the page: times with their zone, numbers as they are. */
function tableRows(
  data: ChartData,
  timeZone: string,
  unit: string,
): readonly (readonly Cell[])[] {
  const isStack = data.kind === 'bars'
  return [
    [
      `from (${timeZone})`,
      `to (${timeZone})`,
      ...data.series.map(({ label }) => `${label} (${unit})`),
      ...(isStack ? [`total (${unit})`] : []),
      ...(data.losses === undefined ? [] : ['not observed (calls)']),
    ],
    ...data.buckets.map(({ fromMs, toMs }, index) => [
      dateTime(fromMs, timeZone),
      dateTime(toMs, timeZone),
      ...data.series.map(({ values }) => plain(values[index] ?? null)),
      ...(isStack ? [plain(stackOf(data, index))] : []),
      ...(data.losses === undefined ? [] : [data.losses[index] ?? 0]),
    ]),
  ]
}

/** Without what binary fractions add to a sum: prices have at most twelve places. */
function plain(value: number | null): number | null {
  return value === null ? null : Number(value.toFixed(12))
}
