import type { AuditEvent } from '../../api/answers.ts'
import { VisibleText } from '../../parts/visible-text.tsx'
import { UNKNOWN } from '../../state/numbers.ts'

/** What an event happened to, as a link where the page can show it. */
export function SubjectLink({
  event: { action, subject, old, new: now },
  names,
}: {
  event: AuditEvent
  /** Names of keys by their ids. */
  names: Readonly<Record<string, string>>
}) {
  if (subject === '') return <span title="It concerns no one thing">{UNKNOWN}</span>
  const [kind] = action.split('.')
  if (kind === 'key' || kind === 'authentication') {
    const name = names[subject] ?? now?.['name'] ?? old?.['name']
    return (
      <a href="/ui/settings/keys" title={subject}>
        <VisibleText text={typeof name === 'string' ? name : subject} />
      </a>
    )
  }
  if (kind === 'prompt' || kind === 'attachment' || action === 'record.erased')
    return (
      <a class="id" href={`/ui/audit/${subject}`} title={subject}>
        {subject}
      </a>
    )
  if (kind === 'settings' || kind === 'hold') return <a href="/ui/settings/data">Data & Privacy</a>
  if (kind === 'session') return <a href="/ui/settings/sessions">{subject}</a>
  return (
    <span class="id" title={subject}>
      {subject}
    </span>
  )
}
