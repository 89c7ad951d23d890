import type { Settings, Summary } from '../../../api/answers.ts'
import { get } from '../../../api/request.ts'
import { useResource } from '../../../api/resource.ts'
import { Notice } from '../../../parts/notices.tsx'
import { count } from '../../../state/numbers.ts'
import { date } from '../../../state/times.ts'
import { useQuery } from '../../../state/url.ts'
import { zoneOf } from '../../../state/zone.ts'
import type { Draft } from './settings-changes.ts'

const DAY_MS = 86_400_000

/** What a change does to what is stored, before it is made. */
export function ChangeEffects({ settings, draft }: { settings: Settings; draft: Draft }) {
  const after = { ...settings, ...draft }
  return (
    <>
      {draft.promptCapture === true && (
        <Notice kind="warn">
          <span>
            Previews, hashes and the full text of prompts and answers of calls to come are stored.
            Enable it only where prompts have no personal or confidential data, or may be kept.
          </span>
          <span class="small muted">In force on every gate within 60 seconds.</span>
        </Notice>
      )}
      {draft.promptCapture === false && (
        <Notice>
          <span>
            Calls to come leave nothing of their prompts. What is stored already stays until its
            time is over; erase it below to have it gone now.
          </span>
        </Notice>
      )}
      {after.retentionDays < settings.retentionDays && (
        <Shortened from={settings.retentionDays} to={after.retentionDays} />
      )}
      {after.contentRetentionDays < settings.contentRetentionDays && (
        <Notice kind="warn">
          <span>
            Prompts and answers older than {count(after.contentRetentionDays)} days can be read no
            more at once, and are deleted. Legal holds keep theirs.
          </span>
        </Notice>
      )}
      {draft.promptHashMode !== undefined && draft.promptHashMode !== settings.promptHashMode && (
        <Notice>
          <span>
            Hashes made from now on cannot be compared with earlier ones: one prompt has two.
          </span>
        </Notice>
      )}
      {draft.redactStoredContent === false && settings.redactStoredContent && (
        <Notice kind="warn">
          <span>Keys and passwords in prompts will be stored as they were sent.</span>
        </Notice>
      )}
    </>
  )
}

/** How many records a shorter time makes invisible. */
function Shortened({ from, to }: { from: number; to: number }) {
  const { query } = useQuery()
  const { data, error } = useResource(`older ${from} ${to}`, async (signal) => {
    const nowMs = Date.now()
    const range = {
      from: new Date(nowMs - from * DAY_MS).toISOString(),
      to: new Date(nowMs - to * DAY_MS).toISOString(),
    }
    const question = { ...range, bucket: 'none', measures: 'calls' }
    const { totals } = await get<Summary>('/audit/summary', question, signal)
    return { range, calls: totals.calls }
  })
  const day = date(Date.now() - to * DAY_MS, zoneOf(query))
  return (
    <Notice kind="warn">
      <span>
        {data === undefined ? (
          `${error === undefined ? 'Counting the' : 'All'} records older than ${day}`
        ) : (
          <>
            <a
              href={`/ui/audit?from=${data.range.from}&to=${data.range.to}`}
              target="_blank"
              rel="noreferrer"
            >
              {count(data.calls)} records
            </a>{' '}
            older than {day}
          </>
        )}{' '}
        become invisible at once, and are deleted. Legal holds keep theirs.
      </span>
    </Notice>
  )
}
