import { createdAtMs } from '../../evidence/record-id.ts'

/** The year 2200: ClickHouse's times end at 2299, and no gate made such an id. */
export const LATEST_MS = 7_258_118_400_000

/** The milliseconds of a UUIDv7; null for anything else, which no gate made. */
export function createdAtOf(requestId: string): number | null {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(requestId))
    return null
  const ms = createdAtMs(requestId)
  return ms < LATEST_MS ? ms : null
}
