/** Jobs of several organisations, of which each has its turn, however many another has waiting. */
export class FairQueue<Job> {
  readonly #maxPerOrg: number
  /** In the order of their turns: who had one goes to the end. */
  readonly #waiting = new Map<string, Job[]>()

  constructor(maxPerOrg: number) {
    this.#maxPerOrg = maxPerOrg
  }

  /** False where the organisation has too many waiting already. */
  add(org: string, job: Job): boolean {
    const jobs = this.#waiting.get(org) ?? []
    if (jobs.length >= this.#maxPerOrg) return false
    jobs.push(job)
    this.#waiting.set(org, jobs)
    return true
  }

  /**
   * The next job, of an organisation that may have its turn now; undefined where none is waiting.
   */
  take(mayHaveTurn: (org: string) => boolean = () => true): Job | undefined {
    for (const [org, jobs] of this.#waiting) {
      if (!mayHaveTurn(org)) continue
      this.#waiting.delete(org)
      const job = jobs.shift()
      if (jobs.length > 0) this.#waiting.set(org, jobs)
      return job
    }
    return undefined
  }

  /** A job that no one waits for any more. */
  remove(org: string, job: Job): void {
    const left = this.#waiting.get(org)?.filter((other) => other !== job) ?? []
    if (left.length > 0) this.#waiting.set(org, left)
    else this.#waiting.delete(org)
  }

  /** All that wait, in no order; the queue is empty afterwards. */
  takeAll(): Job[] {
    const all = [...this.#waiting.values()].flat()
    this.#waiting.clear()
    return all
  }
}
