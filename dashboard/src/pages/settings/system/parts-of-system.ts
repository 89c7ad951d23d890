import type { System } from '../../../api/answers.ts'

type Part = System['parts'][number]

interface PartText {
  readonly label: string
  /** What it is for. */
  readonly does: string
  /** What to do while it is down, and what goes on meanwhile. */
  readonly whenDown: string
}

/** Each part of an installation for people who do not know its inside. */
export const PARTS: Readonly<Record<Part['part'], PartText>> = {
  gate: {
    label: 'Gate',
    does: 'lets calls through, or refuses them',
    whenDown:
      'Calls are refused with audit_unavailable. Look at its log; the supervisor starts it again.',
  },
  observer: {
    label: 'Observer',
    does: 'reads usage and prompts out of what passes',
    whenDown: 'Calls go on and are counted as not observed. Look at its log.',
  },
  delivery: {
    label: 'Delivery',
    does: 'brings evidence from disk into the store',
    whenDown: 'Nothing is lost: evidence waits on disk. Records appear late. Look at its log.',
  },
  store: {
    label: 'Store',
    does: 'ClickHouse: records, settings, keys',
    whenDown:
      'Calls go on, evidence waits on disk. Start ClickHouse, or see what its log complains about.',
  },
  contentStore: {
    label: 'Content store',
    does: 'S3 or disk: prompts and answers',
    whenDown:
      'Prompts wait on disk. Check the address, credentials and space of the content store.',
  },
  envoyAccessLog: {
    label: 'Envoy’s access log',
    does: 'what callers really got, beside what Flint saw',
    whenDown: 'Coverage cannot be checked against it. Check that Envoy runs and may write its log.',
  },
}

/** What to do about a part; null where it is as it should be. */
export function advice({ part, state }: Pick<Part, 'part' | 'state'>): string | null {
  if (state === 'down') return PARTS[part].whenDown
  if (state === 'unknown') return 'Not on this machine. Ask the API beside it, or see its metrics.'
  return null
}
