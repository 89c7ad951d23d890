import { Type } from 'typebox'

/** Why a person does something: kept with what they did. */
export const ReasonSchema = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '\\S',
  description: 'Why; kept in the event.',
  examples: ['ticket 17'],
})
