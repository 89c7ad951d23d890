import type { Losses } from '../../api/answers.ts'

export type LossReason = Losses['losses'][number]['reason']

/** Why a call was not wholly observed: its name, what happened, and what to do. */
export const REASONS: Readonly<
  Record<LossReason, { readonly name: string; readonly means: string; readonly todo: string }>
> = {
  end_unknown: {
    name: 'End unknown',
    means: 'An intent and nothing else, for longer than a call may last, or its Envoy is gone.',
    todo: 'Look whether Envoy or its machine stopped; give its log to npx flint reconcile.',
  },
  not_observed: {
    name: 'Not observed',
    means: 'Envoy’s log knows how it ended; no observer saw it.',
    todo: 'Look whether the observer ran at that time: Settings, System, and its log.',
  },
  observation_unfinished: {
    name: 'Observer died',
    means: 'The observer that saw its beginning never came back with the rest.',
    todo: 'Look in the observer’s log of that hour for why it ended.',
  },
  stream_lost: {
    name: 'Copy broke off',
    means: 'The copy that the observer reads broke off before the call did.',
    todo: 'Where none may be missed, use the profile acked: a call then waits for its copy.',
  },
  observer_overloaded: {
    name: 'Observer overloaded',
    means: 'The observer let go of the copy to spare the caller.',
    todo: 'Give the observer more CPU, or run another one.',
  },
  row_refused: {
    name: 'Row refused',
    means: 'The store refused a row of it for what it held; the record has what could be kept.',
    todo: 'Run npx flint dead-letters list: it has the row and what was wrong with it.',
  },
}
export const REASON_NAMES = Object.keys(REASONS) as readonly LossReason[]

export function isReason(text: string | null): text is LossReason {
  return text !== null && Object.hasOwn(REASONS, text)
}
