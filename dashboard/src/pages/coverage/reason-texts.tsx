import { REASON_NAMES, REASONS } from './reasons.ts'

/** What each reason means, and what to do. */
export function ReasonTexts() {
  return (
    <section class="card" aria-label="What the reasons mean">
      <header>
        <h2>What the reasons mean</h2>
      </header>
      <dl class="reasons">
        {REASON_NAMES.map((name) => {
          const { name: label, means, todo } = REASONS[name]
          return (
            <div key={name}>
              <dt>{label}</dt>
              <dd>{means}</dd>
              <dd class="muted">{todo}</dd>
            </div>
          )
        })}
      </dl>
    </section>
  )
}
