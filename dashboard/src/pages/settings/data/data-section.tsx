import { useState } from 'preact/hooks'
import type { Settings } from '../../../api/answers.ts'
import { get } from '../../../api/request.ts'
import { useResource } from '../../../api/resource.ts'
import { me, refreshMe } from '../../../api/session.ts'
import { ForAuditors } from '../../../parts/for-auditors.tsx'
import { Loaded, Skeleton } from '../../../parts/notices.tsx'
import { Erasure } from './erasure.tsx'
import { Holds } from './holds.tsx'
import { KeptTable } from './kept-table.tsx'
import { PromptCapture } from './prompt-capture.tsx'
import { ReviewChanges } from './review-changes.tsx'
import type { Draft } from './settings-changes.ts'
import { StorageForm } from './storage-form.tsx'

/** Settings → Data & Privacy. */
export function DataSection() {
  return (
    <>
      <CaptureForAll />
      <ForAuditors what="What is kept, for how long, and who may read it">
        <DataAndPrivacy />
      </ForAuditors>
    </>
  )
}

/** Whether prompts are kept concerns everyone whose calls are recorded. */
function CaptureForAll() {
  const who = me.value
  if (who?.capture == null || who.scopes.some((scope) => ['events', 'admin'].includes(scope)))
    return null
  return (
    <p class="intro">
      Prompt capture is <b>{who.capture.on ? 'on' : 'off'}</b>.
    </p>
  )
}

interface Reviewed {
  readonly settings: Settings
  readonly draft: Draft
}

function DataAndPrivacy() {
  const resource = useResource('settings', (signal) => get<Settings>('/settings', {}, signal))
  const [reviewed, setReviewed] = useState<Reviewed | null>(null)
  // When a change made here was stored: from then on gates have 60 seconds.
  const [changedAtMs, setChangedAtMs] = useState<number | null>(null)
  return (
    <>
      <Loaded resource={resource} skeleton={<Skeleton height={420} />}>
        {(settings) => {
          const review = (draft: Draft) => setReviewed({ settings, draft })
          return (
            <>
              <PromptCapture settings={settings} changedAtMs={changedAtMs} onReview={review} />
              <KeptTable settings={settings} />
              <StorageForm key={settings.revision} settings={settings} onReview={review} />
            </>
          )
        }}
      </Loaded>
      <Erasure />
      <Holds />
      {reviewed !== null && (
        <ReviewChanges
          {...reviewed}
          onClose={() => setReviewed(null)}
          onChanged={() => {
            setReviewed(null)
            setChangedAtMs(Date.now())
            resource.retry()
            void refreshMe()
          }}
        />
      )}
    </>
  )
}
