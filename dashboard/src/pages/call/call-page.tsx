import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { me } from '../../api/session.ts'
import { useKeys } from '../../app/keys.ts'
import { CopyButton, copyText } from '../../parts/copy.tsx'
import { Icon } from '../../parts/icon.tsx'
import { whyNot } from '../../parts/role.ts'
import { useQuery } from '../../state/url.ts'
import { asCurl } from '../audit/as-curl.ts'
import { callHref, listHref, promptHref } from './call-links.ts'
import { CallView } from './call-summary.tsx'
import { EraseDialog } from './erase-dialog.tsx'
import { useCall } from './use-call.ts'
import { useNeighbours } from './use-neighbours.ts'

/** One call as a page of its own, with the way to those beside it in the list. */
export default function CallPage({ id }: { id: string }) {
  const { route } = useLocation()
  const { query } = useQuery()
  const call = useCall(id)
  const { previous, next } = useNeighbours(id)
  const [isErasing, setErasing] = useState(false)
  const [erasureId, setErasureId] = useState<string>()
  const link = `${location.origin}${callHref(id)}`
  const list = listHref(id, query)

  useEffect(() => {
    setErasing(false)
    setErasureId(undefined)
  }, [id])
  // Walking the list is one decision: Back leads to where it began.
  const go = (to: string | null) => to !== null && route(callHref(to, query), true)
  useKeys({
    j: () => go(next),
    k: () => go(previous),
    Escape: () => route(list),
    p: () => route(promptHref(id, query)),
    c: () => void copyText(id, 'id'),
  })

  if (erasureId !== undefined) return <Erased id={id} erasureId={erasureId} list={list} />
  return (
    <>
      <div class="toolbar call-bar">
        <a class="button quiet" href={list} title="Back to the list (Esc)">
          <Icon name="arrow-left" /> Audit
        </a>
        <Step to={previous} icon="chevron-left" name="Previous call of the list (k)" />
        <Step to={next} icon="chevron-right" name="Next call of the list (j)" />
        <span class="end actions">
          <CopyButton text={id} what="id">
            Id
          </CopyButton>
          <CopyButton
            text={asCurl(
              location.origin,
              `/audit/${encodeURIComponent(id)}`,
              new URLSearchParams(),
            )}
            what="curl command"
          >
            curl
          </CopyButton>
          <CopyButton text={link} what="link">
            Link
          </CopyButton>
          <EraseButton onClick={() => setErasing(true)} />
        </span>
      </div>
      <CallView requestId={id} call={call} heading="h1" />
      {isErasing && (
        <EraseDialog
          record={{ requestId: id }}
          onErased={setErasureId}
          onClose={() => setErasing(false)}
        />
      )}
    </>
  )
}

function Step({
  to,
  icon,
  name,
}: {
  to: string | null
  icon: 'chevron-left' | 'chevron-right'
  name: string
}) {
  const { query } = useQuery()
  return to === null ? (
    <button type="button" class="button quiet" disabled aria-label={name} title={name}>
      <Icon name={icon} />
    </button>
  ) : (
    <a class="button quiet" href={callHref(to, query)} aria-label={name} title={name}>
      <Icon name={icon} />
    </a>
  )
}

function EraseButton({ onClick }: { onClick: () => void }) {
  const forbidden = whyNot(me.value, 'admin')
  return (
    <button
      type="button"
      class="button"
      aria-disabled={forbidden !== null}
      title={forbidden ?? undefined}
      onClick={forbidden === null ? onClick : undefined}
    >
      <Icon name="trash-2" /> Erase…
    </button>
  )
}

function Erased({ id, erasureId, list }: { id: string; erasureId: string; list: string }) {
  return (
    <div class="empty" role="status">
      <h1>This call is erased</h1>
      <p>
        Receipt <span class="id">{erasureId}</span> ·{' '}
        <a href={`/ui/activity?subject=${encodeURIComponent(id)}`}>its event</a>
      </p>
      <p>
        <a href={list.replace(/[?&]around=[^&]*/, '')}>Back to the list</a>
      </p>
    </div>
  )
}
