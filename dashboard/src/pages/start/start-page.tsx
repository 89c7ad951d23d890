import { FirstRun } from './first-run.tsx'

export default function StartPage() {
  return (
    <div class="reading">
      <h1>First call</h1>
      <p class="muted intro">
        Change one line of your application; everything else stays as it is.
      </p>
      <FirstRun />
    </div>
  )
}
