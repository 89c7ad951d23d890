import { StoreError } from '../store/client/store-error.ts'

/**
 * What may be said of an error in a log: never its message, which may quote what a stranger sent.
 */
export function errorName(error: unknown): string {
  if (error instanceof StoreError) return `StoreError ${error.code ?? 'without code'}`
  return error instanceof Error ? error.name : typeof error
}

/** Where an error came from: its stack without its message. */
export function framesOf(error: unknown): string[] {
  return error instanceof Error
    ? (error.stack ?? '').split('\n').filter((line) => /^\s{1,8}at /.test(line))
    : []
}
