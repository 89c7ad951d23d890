import type { Me } from '../../api/answers.ts'
import { get } from '../../api/request.ts'
import { type Resource, useResource } from '../../api/resource.ts'
import { me } from '../../api/session.ts'
import { count } from '../../state/numbers.ts'
import { date } from '../../state/times.ts'
import { Tile } from './tile.tsx'

/** Whether prompts are kept, and who read them today. */
export function PromptsTile({ timeZone }: { timeZone: string }) {
  // The session knows the day of UTC.
  const zoned = useResource(timeZone === 'UTC' ? null : `me ${timeZone}`, (signal) =>
    get<Me>('/me', { timeZone }, signal),
  )
  const known: Resource<Me> = timeZone === 'UTC' ? { ...zoned, data: me.value } : zoned
  return (
    <Tile title="Prompts" resource={known}>
      {({ capture }) =>
        capture === null ? (
          <p class="figure" title="This key may look at nothing.">
            —
          </p>
        ) : (
          <>
            <p class="figure">
              <a href="/ui/settings/data">{capture.on ? 'Kept' : 'Not kept'}</a>
            </p>
            <p>
              {capture.on
                ? `capture is on${capture.since === null ? '' : ` since ${date(Date.parse(capture.since), timeZone)}`}`
                : 'capture is off'}
            </p>
            <p>
              reads today: <a href="/ui/activity?action=prompt.read">{count(capture.readsToday)}</a>{' '}
              by {count(capture.readersToday)} {capture.readersToday === 1 ? 'person' : 'people'}
            </p>
            <p>
              <a href="/ui/settings/data">Data & Privacy</a>
            </p>
          </>
        )
      }
    </Tile>
  )
}
