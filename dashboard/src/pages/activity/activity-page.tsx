import { useState } from 'preact/hooks'
import { useKeyNames } from '../../api/key-names.ts'
import { saveText } from '../../parts/csv.ts'
import { ForAuditors } from '../../parts/for-auditors.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Failure, Loaded, Skeleton } from '../../parts/notices.tsx'
import { RangePicker } from '../../parts/range-picker.tsx'
import { ScrollX } from '../../parts/scroll-x.tsx'
import { useAction } from '../../parts/use-action.ts'
import { count } from '../../state/numbers.ts'
import { nowMs, rangeOf, refreshNow } from '../../state/range.ts'
import { date, span } from '../../state/times.ts'
import { useQuery } from '../../state/url.ts'
import { zoneOf } from '../../state/zone.ts'
import { eventsCsv } from './csv.ts'
import { EventRow } from './event-row.tsx'
import { Filters } from './filters.tsx'
import { groupReads } from './grouped-reads.ts'
import { ReadsRows } from './reads-rows.tsx'
import { useEvents } from './use-events.ts'

/** Who changed, read, exported, signed in, or was refused. */
export default function ActivityPage() {
  // What was done a moment ago, on another page of this one, is within a range that ends now.
  useState(refreshNow)
  return (
    <div class="activity">
      <h1 class="visually-hidden">Activity</h1>
      <ForAuditors what="Who changed, read, exported or was refused">
        <Activity />
      </ForAuditors>
    </div>
  )
}

function Activity() {
  const { query, push } = useQuery()
  const timeZone = zoneOf(query)
  const range = rangeOf(query, nowMs.value)
  const { newest, events, more, moreAction, readAll } = useEvents(query)
  const csvAction = useAction()
  const names = useKeyNames() ?? {}
  const entries = groupReads(events, (at) => date(Date.parse(at), timeZone))
  const where = span(range.fromMs, range.toMs, timeZone)
  return (
    <>
      <div class="toolbar">
        <Filters names={names} />
        <div class="end actions">
          <RangePicker />
          <button
            type="button"
            class="button quiet"
            aria-label="Refresh"
            title="Refresh"
            onClick={refreshNow}
          >
            <Icon name="refresh-cw" />
          </button>
          <button
            type="button"
            class="button"
            disabled={events.length === 0 || csvAction.isBusy}
            title="Every event of these filters and this range, one a line"
            onClick={() =>
              void csvAction.run(async () => {
                const all = await readAll()
                saveText(eventsCsv(all), `flint-activity-${date(Date.now(), 'UTC')}.csv`)
              })
            }
          >
            <Icon name="download" /> CSV
          </button>
        </div>
      </div>
      <Loaded resource={newest} skeleton={<Skeleton height={400} />}>
        {() =>
          events.length === 0 ? (
            <div class="empty">
              <p>No event matches between {where}.</p>
              <p class="actions">
                {range.last !== '90d' && (
                  <button
                    type="button"
                    class="button"
                    onClick={() => push({ last: '90d', from: null, to: null })}
                  >
                    Look at the last 90 days
                  </button>
                )}
                {['action', 'actor', 'subject'].some((name) => query.has(name)) && (
                  <button
                    type="button"
                    class="button"
                    onClick={() => push({ action: null, actor: null, subject: null })}
                  >
                    Remove the filters
                  </button>
                )}
              </p>
            </div>
          ) : (
            <ScrollX label="Events">
              <table class="table top">
                <caption>
                  {count(events.length)}
                  {more === null ? '' : ' newest'} events, {where}
                </caption>
                <thead>
                  <tr>
                    <th scope="col">Time, {timeZone}</th>
                    <th scope="col">Who</th>
                    <th scope="col">Did</th>
                    <th scope="col">To</th>
                    <th scope="col">Reason</th>
                    <th scope="col">Changed</th>
                  </tr>
                </thead>
                <tbody>
                  {entries.map((entry) =>
                    entry.kind === 'event' ? (
                      <EventRow key={entry.event.id} event={entry.event} names={names} />
                    ) : (
                      <ReadsRows
                        key={`${entry.day} ${entry.reads[0]?.actor}`}
                        day={entry.day}
                        reads={entry.reads}
                        names={names}
                      />
                    ),
                  )}
                </tbody>
              </table>
            </ScrollX>
          )
        }
      </Loaded>
      {moreAction.error !== undefined && <Failure error={moreAction.error} />}
      {csvAction.error !== undefined && <Failure error={csvAction.error} />}
      {more !== null && (
        <div class="actions below">
          <button type="button" class="button" disabled={moreAction.isBusy} onClick={more}>
            Load older
          </button>
        </div>
      )}
    </>
  )
}
