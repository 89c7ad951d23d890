import type { ComponentChildren } from 'preact'
import { me } from '../api/session.ts'
import { Notice } from './notices.tsx'
import { may } from './role.ts'

/** Its children, for an auditor or an admin; for others who may see them. */
export function ForAuditors({
  what,
  children,
}: {
  /** What is to be seen: `The keys of the organisation`. */
  what: string
  children: ComponentChildren
}) {
  if (may(me.value, 'events')) return <>{children}</>
  return (
    <Notice>
      <span>
        {what}: for an auditor (scopes <code>read events</code>) or an admin (scope{' '}
        <code>admin</code>). You are signed in with{' '}
        <code>{me.value?.scopes.join(' ') ?? 'no scope'}</code>.
      </span>
      <span class="small muted">An admin makes such a key: Settings › API Keys › Create key.</span>
    </Notice>
  )
}
