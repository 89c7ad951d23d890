import { useEffect, useState } from 'preact/hooks'
import { ApiError, getBlob } from '../../api/request.ts'
import { Icon } from '../../parts/icon.tsx'
import { Failure } from '../../parts/notices.tsx'
import { VisibleText } from '../../parts/visible-text.tsx'
import { bytes } from '../../state/numbers.ts'
import { shownAs, whyNoBytes } from './attachment-kind.ts'
import type { AttachmentPart } from './conversation.ts'
import type { PartContext } from './part-view.tsx'
import { saveAs } from './save-as.ts'

/** What a message carried besides text. Its bytes are fetched when asked for, and never run. */
export function Attachment({ part, context }: { part: AttachmentPart; context: PartContext }) {
  const { kind, mediaType, sha256, name, url, fileId } = part
  const [blob, setBlob] = useState<Blob>()
  const [error, setError] = useState<ApiError>()
  const [isBusy, setBusy] = useState(false)
  const missing = whyNoBytes(part)
  // The server answers as something else what is none of the few types that it lets be shown.
  const shown = blob === undefined ? shownAs(mediaType) : shownAs(blob.type)

  async function fetched(): Promise<Blob | undefined> {
    setBusy(true)
    setError(undefined)
    try {
      const path = `/audit/prompt/${encodeURIComponent(context.requestId)}/attachments/${sha256}`
      return await getBlob(path, { reason: context.reason })
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      setError(failure)
    } finally {
      setBusy(false)
    }
  }

  return (
    <div class="attachment">
      <p>
        <strong>{name === null ? kind : <VisibleText text={name} />}</strong>{' '}
        <span class="muted">
          {mediaType === null ? 'type not named' : <VisibleText text={mediaType} />} ·{' '}
          {bytes(part.bytes)}
        </span>
      </p>
      {sha256 !== null && <p class="id muted">SHA-256 {sha256}</p>}
      {(url ?? fileId) !== null && (
        <p class="id">
          <VisibleText text={url ?? fileId ?? ''} />
        </p>
      )}
      {error !== undefined && <Failure error={error} />}
      {blob !== undefined && shown !== null && <Shown blob={blob} as={shown} name={name ?? kind} />}
      {missing === null ? (
        <p class="actions">
          {blob === undefined && shown !== null && (
            <button
              type="button"
              class="button"
              disabled={isBusy}
              onClick={async () => setBlob(await fetched())}
            >
              <Icon name="eye" /> Show {shown}
            </button>
          )}
          <button
            type="button"
            class="button"
            disabled={isBusy}
            onClick={async () => {
              const whole = blob ?? (await fetched())
              // Of no type: a browser must save it, and open it as nothing.
              if (whole !== undefined) saveAs(whole.slice(), name ?? `${sha256?.slice(0, 12)}`)
            }}
          >
            <Icon name="download" /> Download
          </button>
          <span class="small muted">Each is recorded as a read, with your reason.</span>
        </p>
      ) : (
        <p class="muted">{missing}</p>
      )}
    </div>
  )
}

function Shown({ blob, as, name }: { blob: Blob; as: 'picture' | 'sound'; name: string }) {
  const [url, setUrl] = useState<string>()
  const [isBroken, setBroken] = useState(false)
  useEffect(() => {
    const made = URL.createObjectURL(blob)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  if (url === undefined) return null
  if (isBroken)
    return <p class="warn">This browser cannot show it as a {as}. Download it instead.</p>
  const onError = () => setBroken(true)
  return as === 'picture' ? (
    <img src={url} alt={name} decoding="async" onError={onError} />
  ) : (
    // biome-ignore lint/a11y/useMediaCaption: there are no captions of what a call carried.
    <audio src={url} controls onError={onError} />
  )
}
