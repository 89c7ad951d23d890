import { useEffect } from 'preact/hooks'
import type { System } from '../../../api/answers.ts'
import { get } from '../../../api/request.ts'
import { useResource } from '../../../api/resource.ts'
import { session } from '../../../api/session.ts'
import { Icon } from '../../../parts/icon.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { Loaded, Skeleton } from '../../../parts/notices.tsx'
import { ScrollX } from '../../../parts/scroll-x.tsx'
import { bytes, count, UNKNOWN } from '../../../state/numbers.ts'
import { DAY_MS } from '../../../state/range.ts'
import { advice, PARTS } from './parts-of-system.ts'

const ASK_EVERY_MS = 5_000

export function SystemSection() {
  const resource = useResource('system', (signal) => get<System>('/system', {}, signal))
  const { retry } = resource
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) retry()
    }, ASK_EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      <p class="muted intro">
        What runs, as the machine of this API sees it; asked again every five seconds.
      </p>
      <Loaded resource={resource} skeleton={<Skeleton height={320} />}>
        {(system) => (
          <>
            <PartsTable parts={system.parts} />
            <Versions system={system} />
            <Gates system={system} />
            <Backlog backlog={system.backlog} />
          </>
        )}
      </Loaded>
      <p class="small muted below">
        API reference <a href="/docs">/docs</a>
      </p>
    </>
  )
}

/** Older prices may lack new models. */
const OLD_PRICES_DAYS = 60

function Versions({ system: { version, envoyVersion, priceBook } }: { system: System }) {
  return (
    <section>
      <h2>Versions</h2>
      <dl class="pairs">
        <dt>Flint</dt>
        <dd>
          {version}, page <span class="id">{session.value?.buildId ?? UNKNOWN}</span>
        </dd>
        <dt>Envoy</dt>
        <dd>{envoyVersion ?? 'not known here: no Envoy of Flint answers on this machine'}</dd>
        <dt>Prices</dt>
        <dd>
          {priceBook.source}, <PricesAge priceBook={priceBook} />
        </dd>
      </dl>
    </section>
  )
}

/** Of a file one knows only when it was brought in: its prices are at least so old. */
function PricesAge({ priceBook: { publishedOn, broughtOn } }: Pick<System, 'priceBook'>) {
  const since = publishedOn ?? broughtOn
  if (since === null) return <>of unknown age</>
  const ageDays = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / DAY_MS))
  const isOld = ageDays > OLD_PRICES_DAYS
  return (
    <span class={isOld ? 'warn' : undefined}>
      {publishedOn === null
        ? `brought in on ${since}, ${count(ageDays)} days ago; when they were published is not known`
        : `published on ${since}, ${count(ageDays)} days ago`}
      {isOld && (
        <>
          : <code>npx flint prices update --file</code> takes newer ones
        </>
      )}
    </span>
  )
}

function PartsTable({ parts }: Pick<System, 'parts'>) {
  return (
    <ScrollX label="Parts">
      <table class="table">
        <caption class="visually-hidden">Parts of this installation</caption>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">State</th>
            <th scope="col">Since</th>
            <th scope="col">Last activity</th>
            <th scope="col">What to do</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ part, state, since, lastActivityAt }) => (
            <tr key={part}>
              <td>
                {PARTS[part].label} <span class="small muted">{PARTS[part].does}</span>
              </td>
              <td>
                <State state={state} />
              </td>
              <td>{known(since)}</td>
              <td>{known(lastActivityAt)}</td>
              <td class="prose">{advice({ part, state }) ?? <span class="muted">nothing</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollX>
  )
}

function State({ state }: { state: System['parts'][number]['state'] }) {
  if (state === 'up')
    return (
      <span class="good">
        <Icon name="check" /> up
      </span>
    )
  if (state === 'down')
    return (
      <span class="bad">
        <Icon name="circle-alert" /> down
      </span>
    )
  return (
    <span class="muted">
      <Icon name="circle-help" /> not known here
    </span>
  )
}

function known(at: string | null) {
  return at === null ? <span title="Not known">{UNKNOWN}</span> : <Moment at={at} />
}

function Gates({ system: { settingsSeenBy, settingsRevision } }: { system: System }) {
  return (
    <section>
      <h2>Gates</h2>
      <p class="muted">
        Which settings each gate goes by. The organisation’s are at revision{' '}
        {count(settingsRevision)}.
      </p>
      {settingsSeenBy === null ? (
        <p>Not known while the store is away.</p>
      ) : settingsSeenBy.length === 0 ? (
        <p>No gate has reported within half an hour.</p>
      ) : (
        <ScrollX label="Gates">
          <table class="table">
            <caption class="visually-hidden">Gates and their settings</caption>
            <thead>
              <tr>
                <th scope="col">Gate</th>
                <th scope="col" class="number">
                  Revision
                </th>
                <th scope="col">Settings</th>
                <th scope="col">Said so</th>
              </tr>
            </thead>
            <tbody>
              {settingsSeenBy.map(({ gate, revision, seenAt }) => (
                <tr key={gate}>
                  <td class="id">{gate}</td>
                  <td class="number">{count(revision)}</td>
                  <td>
                    {revision >= settingsRevision ? (
                      <span class="good">
                        <Icon name="check" /> the present ones
                      </span>
                    ) : (
                      <span class="warn">
                        <Icon name="clock" /> earlier ones; within 60 s the present
                      </span>
                    )}
                  </td>
                  <td>
                    <Moment at={seenAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollX>
      )}
    </section>
  )
}

function Backlog({ backlog }: Pick<System, 'backlog'>) {
  return (
    <section>
      <h2>Waiting on this machine</h2>
      {backlog === null ? (
        <p class="muted">
          Not shown: the installation has several organisations, or the store is away.
        </p>
      ) : (
        <dl class="pairs">
          <dt>Evidence for the store</dt>
          <dd>
            {bytes(backlog.evidenceBytes)}
            {backlog.oldestEvidenceAt !== null && (
              <>
                , oldest <Moment at={backlog.oldestEvidenceAt} />
              </>
            )}
          </dd>
          <dt>Prompts for the content store</dt>
          <dd>{bytes(backlog.promptBytes)}</dd>
          <dt>Set apart, to be looked at</dt>
          <dd>{bytes(backlog.quarantineBytes)}</dd>
          <dt>Dead letters</dt>
          <dd>
            {count(backlog.deadLetters)}
            {(backlog.deadLetters ?? 0) > 0 &&
              ' files: rows that the store refused, see docs/operations.md'}
          </dd>
        </dl>
      )}
    </section>
  )
}
