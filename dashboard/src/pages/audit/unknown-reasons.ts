import type { RecordPart } from '../../api/answers.ts'

/** Why something of a record is not known, as far as the record says; for tooltips. */
export function whyUnknown(record: RecordPart): string {
  const { outcome, captureGap, costReason, status } = record
  if (outcome === 'rejected') return 'Not known: Flint refused the call, the provider saw nothing'
  if (outcome === 'capture_lost') return 'Not known: the call was not observed'
  if (captureGap != null) return `Not known: the capture is not whole (${spaced(captureGap)})`
  if (costReason != null) return `Not known: ${spaced(costReason)}`
  if (outcome === 'client_aborted') return 'Not known: the caller left before it came'
  if (status != null && status >= 400) return `Not known: the answer was an error (${status})`
  return 'Not known: neither the answer nor Envoy says it'
}

const spaced = (code: string) => code.replaceAll('_', ' ')
