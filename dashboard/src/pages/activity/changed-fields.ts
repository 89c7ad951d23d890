import type { AuditEvent } from '../../api/answers.ts'

export interface ChangedField {
  readonly name: string
  /** undefined: the field was not there. */
  readonly old: unknown
  readonly new: unknown
}

/**
 * Fields of an event that differ between before and after, by name; an event may have neither. What
 * was made without a value for a field says nothing of it.
 */
export function changedFields({ old, new: now }: Pick<AuditEvent, 'old' | 'new'>): ChangedField[] {
  const names = new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])
  return [...names].flatMap((name) => {
    const field = { name, old: old?.[name], new: now?.[name] }
    return JSON.stringify(field.old ?? null) === JSON.stringify(field.new ?? null) ? [] : [field]
  })
}

/** A value in one line; of what was not there nothing. */
export function fieldText(value: unknown): string {
  if (value === undefined || value === null) return '—'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (Array.isArray(value)) return value.map(fieldText).join(' ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
