import { lastUsageFormat } from '../../usage/last-usage.ts'
import { sampleUsage } from '../usage.ts'

/** Answers: one object, or events of which the last has the usage of the whole. */
export const sampleAnswers = lastUsageFormat({
  name: 'sample-answers',
  usageMember: 'tokens',
  finish: 'stopped',
  countable: 'both',
  read: sampleUsage,
})
