/**
 * What the gate says in place of a capture policy where a second proxy has a call that the first
 * one has a record of: the first one's copy and log count, and this one's are left alone
 * (docs/decisions/055).
 */
export const SECOND_SIGHTING = 'second'
