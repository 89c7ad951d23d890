import { useState } from 'preact/hooks'
import { change } from '../../api/request.ts'
import { me } from '../../api/session.ts'
import { GuardedButton } from '../../parts/guarded-button.tsx'
import { Failure } from '../../parts/notices.tsx'
import { whyNot } from '../../parts/role.ts'
import { useAction } from '../../parts/use-action.ts'
import { type MadeKey, ShownKey } from '../settings/keys/new-key.tsx'

const NAME = 'first application'

/** A key for an application, made here and shown once. */
export function MakeKey() {
  const [made, setMade] = useState<MadeKey | null>(null)
  const { isBusy, error, run } = useAction()
  const why = whyNot(me.value, 'admin')
  const make = () =>
    run(async () => {
      const body = { name: NAME, scopes: ['proxy'] }
      setMade(await change<MadeKey>('POST', '/keys', body))
    })
  return (
    <section class="panel" aria-labelledby="make-key">
      <h2 id="make-key">1. Take a Flint key</h2>
      {made === null ? (
        <>
          <p class="muted">
            It may only call providers (scope <code>proxy</code>). Keys of people and of other
            applications are made in{' '}
            <a href="/ui/settings/keys">Settings › API Keys › Create key</a>.
          </p>
          {error !== undefined && <Failure error={error} />}
          <div class="actions">
            <GuardedButton
              kind="primary"
              why={why ?? (isBusy ? 'It is being made.' : null)}
              onClick={() => void make()}
            >
              Make a key
            </GuardedButton>
            {why !== null && <span class="small muted">{why}</span>}
          </div>
        </>
      ) : (
        <>
          <ShownKey made={made} />
          <pre class="snippet">export FLINT_API_KEY=…</pre>
          <div class="actions">
            <button type="button" class="button primary" onClick={() => setMade(null)}>
              I have stored it
            </button>
          </div>
        </>
      )}
    </section>
  )
}
