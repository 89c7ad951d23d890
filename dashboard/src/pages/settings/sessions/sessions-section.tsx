import { useState } from 'preact/hooks'
import { useResource } from '../../../api/resource.ts'
import { me, refreshSession, userName } from '../../../api/session.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { DialogActions } from '../../../parts/dialog-actions.tsx'
import { GuardedButton } from '../../../parts/guarded-button.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { Loaded, Skeleton } from '../../../parts/notices.tsx'
import { may, whyNot } from '../../../parts/role.ts'
import { ScrollX } from '../../../parts/scroll-x.tsx'
import { useAction } from '../../../parts/use-action.ts'
import { VisibleText } from '../../../parts/visible-text.tsx'
import { endSessions, type ListedSession, readSessions, type SessionsAndNames } from './sessions.ts'

export function SessionsSection() {
  const resource = useResource('sessions', readSessions)
  const [ending, setEnding] = useState<readonly ListedSession[] | null>(null)
  const seesAll = may(me.value, 'events')
  return (
    <>
      <p class="muted intro">
        {seesAll
          ? 'Everyone of the organisation who is signed in to this dashboard.'
          : 'Where you are signed in to this dashboard. An auditor or an admin sees all sessions.'}{' '}
        A session ends by itself when it is not used, and at its end in any case.
      </p>
      <Loaded resource={resource} skeleton={<Skeleton height={160} />}>
        {(data) => <Sessions {...data} onEnd={setEnding} />}
      </Loaded>
      {ending !== null && (
        <EndSessions
          sessions={ending}
          onClose={() => {
            setEnding(null)
            resource.retry()
          }}
        />
      )}
    </>
  )
}

function Sessions({
  sessions,
  names,
  onEnd,
}: SessionsAndNames & { onEnd: (sessions: readonly ListedSession[]) => void }) {
  if (sessions.length === 0)
    return <p class="empty">No session: you are here with a key of your own, not signed in.</p>
  const others = sessions.filter((session) => !session.isCurrent && whyKept(session) === null)
  return (
    <>
      <ScrollX label="Sessions">
        <table class="table">
          <caption class="visually-hidden">Sessions, the one used last first</caption>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Signed in with</th>
              <th scope="col">Since</th>
              <th scope="col">Last seen</th>
              <th scope="col">Ends unless used</th>
              <th scope="col">Ends</th>
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => (
              <tr key={session.id}>
                <td>
                  <VisibleText text={nameOfSession(session, names)} />{' '}
                  {session.isCurrent && <span class="badge">this one</span>}
                </td>
                <td>{STARTED_BY[session.startedBy]}</td>
                <td>
                  <Moment at={session.startedAt} to="min" />
                </td>
                <td>
                  <Moment at={session.lastUsedAt} to="min" />
                </td>
                <td>
                  <Moment at={session.idleEndsAt} to="min" />
                </td>
                <td>
                  <Moment at={session.endsAt} to="min" />
                </td>
                <td class="number">
                  <GuardedButton
                    kind="quiet"
                    why={whyKept(session)}
                    name={`End the session of ${nameOfSession(session, names)}`}
                    onClick={() => onEnd([session])}
                  >
                    End
                  </GuardedButton>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
      <div class="actions below">
        <button
          type="button"
          class="button"
          disabled={others.length === 0}
          onClick={() => onEnd(others)}
        >
          End all others
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => onEnd(sessions.filter((one) => whyKept(one) === null))}
        >
          End all
        </button>
      </div>
    </>
  )
}

const STARTED_BY: Readonly<Record<ListedSession['startedBy'], string>> = {
  key: 'the key',
  link: 'a one-time link',
  oidc: 'the identity provider',
}

/** Of its user, or of its key. */
function nameOfSession({ user, keyId }: ListedSession, names: SessionsAndNames['names']): string {
  if (user !== null) return userName(user)
  return names[keyId ?? ''] ?? keyId ?? ''
}

/** Why this session cannot be ended from here. */
function whyKept({ isOwn }: ListedSession): string | null {
  return isOwn ? null : whyNot(me.value, 'admin')
}

function EndSessions({
  sessions,
  onClose,
}: {
  sessions: readonly ListedSession[]
  onClose: () => void
}) {
  const { isBusy, error, run } = useAction()
  const isCurrentOne = sessions.some(({ isCurrent }) => isCurrent)
  async function end() {
    if (!(await run(() => endSessions(sessions)))) return
    if (isCurrentOne) await refreshSession()
    onClose()
  }
  return (
    <Dialog
      title={sessions.length === 1 ? 'End this session' : `End ${sessions.length} sessions`}
      onClose={onClose}
    >
      <p>
        {isCurrentOne ? 'You will be signed out. ' : ''}
        It ends everywhere within two seconds; one may sign in again.
      </p>
      <DialogActions error={error} onCancel={onClose}>
        <button type="button" class="button danger" disabled={isBusy} onClick={() => void end()}>
          End
        </button>
      </DialogActions>
    </Dialog>
  )
}
