import type { ListedKey } from '../../../api/answers.ts'
import { Icon } from '../../../parts/icon.tsx'
import { Moment } from '../../../parts/moment.tsx'

/** Whether a key is good, and how long yet. */
export function KeyState({ state, revokedAt, expiresAt }: ListedKey) {
  if (state === 'active')
    return (
      <span class="good">
        <Icon name="check" /> active
      </span>
    )
  const at = state === 'revoked' ? revokedAt : expiresAt
  return (
    <span class="muted">
      <Icon name="x" /> {state} {at !== null && <Moment at={at} to="min" />}
    </span>
  )
}
