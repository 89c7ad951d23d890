import type { ComponentChildren } from 'preact'
import type { Settings } from '../../../api/answers.ts'
import { ScrollX } from '../../../parts/scroll-x.tsx'
import { settingText } from './settings-changes.ts'

interface Kept {
  readonly what: ComponentChildren
  readonly where: ComponentChildren
  readonly days: string
  readonly who: ComponentChildren
}

const WITH_READ = (
  <>
    who has <code>read</code>
  </>
)
const WITH_PROMPTS = (
  <>
    who has <code>prompts</code>
  </>
)

/** What is stored of a call, where, for how long, and who can see it. */
export function KeptTable({ settings }: { settings: Settings }) {
  const { promptCapture, retentionDays, contentRetentionDays } = settings
  const records = settingText('retentionDays', retentionDays)
  const ofPrompts: readonly Kept[] = [
    {
      what: 'Preview of 100 characters and hash of the prompt, preview of the answer',
      where: 'in the record',
      days: records,
      who: WITH_PROMPTS,
    },
    {
      what: 'Full text, tool calls, attachments',
      where: 'content store (S3 or disk)',
      days: settingText('contentRetentionDays', contentRetentionDays),
      who: <>{WITH_PROMPTS}; each read is recorded</>,
    },
  ]
  const rows: readonly Kept[] = [
    {
      what: 'Model, tokens, cost, times, status, tags, last 4 characters of the provider key',
      where: 'record in ClickHouse',
      days: records,
      who: WITH_READ,
    },
    ...(promptCapture ? ofPrompts : []),
    { what: 'Provider keys', where: 'nowhere', days: 'never', who: 'no one' },
  ]
  return (
    <section>
      <h2>What is kept</h2>
      <ScrollX label="What is kept">
        <table class="table top">
          <caption class="visually-hidden">What is kept of a call</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Where</th>
              <th scope="col">How long</th>
              <th scope="col">Who can see it</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ what, where, days, who }, index) => (
              <tr key={index}>
                <td class="prose">{what}</td>
                <td>{where}</td>
                <td>{days}</td>
                <td>{who}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </section>
  )
}
