export const PART_NAMES = [
  'gate',
  'observer',
  'delivery',
  'store',
  'contentStore',
  'envoyAccessLog',
] as const
export const PART_STATES = ['up', 'down', 'unknown'] as const

/** A part of the installation as this API's machine sees it. */
export interface Part {
  readonly part: (typeof PART_NAMES)[number]
  /** `unknown`: nothing of it is on this machine, so it may run on another. */
  readonly state: (typeof PART_STATES)[number]
  /** Start of its process, ISO 8601; null where that is not known. */
  readonly since: string | null
  /** When it last wrote, ISO 8601; null where that is not known. */
  readonly lastActivityAt: string | null
}

/** Numbers of all organisations together: shown where there is one. Null: delivery is not here. */
export interface Backlog {
  /** Evidence that waits on disk for ClickHouse. */
  readonly evidenceBytes: number | null
  /** When the oldest of it was written, ISO 8601; null also where none waits. */
  readonly oldestEvidenceAt: string | null
  /** Prompts that wait on disk for the content store. */
  readonly promptBytes: number | null
  /** Rows that wait to be separated from a refused one. */
  readonly quarantineBytes: number | null
  readonly deadLetters: number | null
}

export interface PartsHere {
  /** Those of PART_NAMES, in that order. */
  look(): Promise<{
    readonly parts: readonly Part[]
    readonly backlog: Backlog
    /** Null where no Envoy of this installation answers on this machine. */
    readonly envoyVersion: string | null
  }>
}
