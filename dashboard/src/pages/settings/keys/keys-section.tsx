import { useState } from 'preact/hooks'
import type { ListedKey } from '../../../api/answers.ts'
import { me } from '../../../api/session.ts'
import { ForAuditors } from '../../../parts/for-auditors.tsx'
import { GuardedButton } from '../../../parts/guarded-button.tsx'
import { Loaded, Skeleton } from '../../../parts/notices.tsx'
import { whyNot } from '../../../parts/role.ts'
import { CreateKey } from './create-key.tsx'
import { KeysTable } from './keys-table.tsx'
import { RenameKey } from './rename-key.tsx'
import { RevokeKey } from './revoke-key.tsx'
import { RotateKey } from './rotate-key.tsx'
import { useKeys } from './use-keys.ts'

/** What is being done, and to which key. */
export type KeyTask =
  | { readonly does: 'create' }
  | { readonly does: 'rename' | 'rotate' | 'revoke'; readonly key: ListedKey }

export function KeysSection() {
  return (
    <ForAuditors what="The keys of the organisation">
      <Keys />
    </ForAuditors>
  )
}

function Keys() {
  const resource = useKeys()
  const [task, setTask] = useState<KeyTask | null>(null)
  const close = () => {
    setTask(null)
    resource.retry()
  }
  return (
    <>
      <div class="toolbar">
        <p class="muted">
          A key says who calls, reports or looks. Flint keeps a hash of it, never the key.
        </p>
        <div class="end">
          <GuardedButton
            kind="primary"
            why={whyNot(me.value, 'admin')}
            onClick={() => setTask({ does: 'create' })}
          >
            Create key
          </GuardedButton>
        </div>
      </div>
      <Loaded resource={resource} skeleton={<Skeleton height={240} />}>
        {(data) => <KeysTable {...data} onTask={setTask} />}
      </Loaded>
      {task?.does === 'create' && <CreateKey onClose={close} />}
      {task?.does === 'rename' && <RenameKey listed={task.key} onClose={close} />}
      {task?.does === 'rotate' && <RotateKey listed={task.key} onClose={close} />}
      {task?.does === 'revoke' && <RevokeKey listed={task.key} onClose={close} />}
    </>
  )
}
