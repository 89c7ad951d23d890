import type { ListedKey } from '../../../api/answers.ts'
import { me } from '../../../api/session.ts'
import { Icon } from '../../../parts/icon.tsx'
import { Menu, MenuItem } from '../../../parts/menu.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { whyNot } from '../../../parts/role.ts'
import { ScrollX } from '../../../parts/scroll-x.tsx'
import { VisibleText } from '../../../parts/visible-text.tsx'
import { count, UNKNOWN } from '../../../state/numbers.ts'
import { KeyState } from './key-state.tsx'
import type { KeyTask } from './keys-section.tsx'
import { presetOf } from './presets.ts'
import type { KeysWithCalls } from './use-keys.ts'

export function KeysTable({
  keys,
  callsOf,
  onTask,
}: KeysWithCalls & { onTask: (task: KeyTask) => void }) {
  return (
    <ScrollX label="Keys">
      <table class="table keys">
        <caption class="visually-hidden">Keys of the organisation, those in force first</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Key</th>
            <th scope="col">Scopes</th>
            <th scope="col">Made</th>
            <th scope="col">Expires</th>
            <th scope="col">Last use</th>
            <th scope="col" class="number">
              Calls, 30 days
            </th>
            <th scope="col">State</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.id} listed={key} calls={callsOf(key.id)} onTask={onTask} />
          ))}
        </tbody>
      </table>
    </ScrollX>
  )
}

function KeyRow({
  listed,
  calls,
  onTask,
}: {
  listed: ListedKey
  calls: number | undefined
  onTask: (task: KeyTask) => void
}) {
  const { id, name, hint, scopes, createdAt, expiresAt, lastUsedAt, state } = listed
  const preset = presetOf(scopes)
  return (
    <tr class={state === 'active' ? undefined : 'past'}>
      <td class="name">
        <span class="ellipsis" title={`${name} (${id})`}>
          <VisibleText text={name} />
        </span>
        {id === me.value?.keyId && <span class="badge">yours</span>}
      </td>
      <td>
        <span class="id">{hint}</span>
      </td>
      <td title={scopes.join(' ')}>
        {preset !== undefined && `${preset.label} `}
        <span class="id muted">{scopes.join(' ')}</span>
      </td>
      <td>
        <Moment at={createdAt} to="min" />
      </td>
      <td>{expiresAt === null ? 'never' : <Moment at={expiresAt} to="min" />}</td>
      <td>{lastUsedAt === null ? 'never' : <Moment at={lastUsedAt} to="min" />}</td>
      <td class="number">
        {calls === undefined ? (
          <span title="The sum could not be had; the list has the calls.">{UNKNOWN}</span>
        ) : (
          <a href={`/ui/audit?last=30d&keyId=${id}`}>{count(calls)}</a>
        )}
      </td>
      <td>
        <KeyState {...listed} />
      </td>
      <td class="number">
        <KeyMenu listed={listed} onTask={onTask} />
      </td>
    </tr>
  )
}

function KeyMenu({ listed, onTask }: { listed: ListedKey; onTask: (task: KeyTask) => void }) {
  const noRight = whyNot(me.value, 'admin')
  const over = listed.state === 'active' ? null : `This key is ${listed.state}.`
  const items = [
    { does: 'rename', label: 'Rename…', why: noRight },
    { does: 'rotate', label: 'Rotate…', why: noRight ?? over },
    {
      does: 'revoke',
      label: 'Revoke…',
      why: noRight ?? (listed.state === 'revoked' ? over : null),
    },
  ] as const
  return (
    <Menu quiet name={`Actions of ${listed.name}`} label={<Icon name="ellipsis" />}>
      {(close) =>
        items.map(({ does, label, why }) => (
          <MenuItem
            key={does}
            disabled={why}
            onClick={() => {
              close()
              onTask({ does, key: listed })
            }}
          >
            {label}
          </MenuItem>
        ))
      }
    </Menu>
  )
}
