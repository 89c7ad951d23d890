import { isoTime } from '../calls/call-row.ts'
import type { StoreClient } from '../client/client.ts'

/** A gate, and the settings of one organisation that it goes by. */
interface SeenByGate {
  /** Name of its data directory among replicas. */
  readonly gate: string
  /** 0: the defaults. */
  readonly revision: number
  /** When the gate last said so, ISO 8601. */
  readonly seenAt: string
}

export interface SettingsSeen {
  /**
   * What a gate knows: the revision of each organisation that changed any setting, and the
   * fingerprint of its pepper.
   */
  note(gate: string, revisions: ReadonlyMap<string, number>, pepper: string): Promise<void>
  /** Fingerprints of the peppers of all gates that said something in the last half hour. */
  peppers(): Promise<ReadonlyArray<{ readonly gate: string; readonly pepper: string }>>
  /** Of one organisation, gates that said something in the last half hour. */
  seenBy(org: string): Promise<readonly SeenByGate[]>
}

/** A gate says what it knows every ten minutes at least. */
const GONE_AFTER_MINUTES = 30
/** Stands for the gate itself. */
const NO_ORG = ''

export function createSettingsSeen(client: Pick<StoreClient, 'rows' | 'run'>): SettingsSeen {
  return {
    async note(gate, revisions, pepper) {
      const entries = [[NO_ORG, 0] as const, ...revisions]
      await client.run({
        tag: 'settings-seen:note',
        sql: `INSERT INTO settings_seen (org, gate, revision, pepper)
          SELECT seen.1, {gate:String}, seen.2, {pepper:String} FROM (SELECT arrayJoin(arrayZip({orgs:Array(String)}, {revisions:Array(UInt32)})) AS seen)`,
        params: {
          gate,
          pepper,
          orgs: entries.map(([org]) => org),
          revisions: entries.map(([, revision]) => revision),
        },
      })
    },

    async peppers() {
      const rows = await client.rows({
        tag: 'settings-seen:peppers',
        sql: `SELECT gate, argMax(pepper, seen_at) AS latest FROM settings_seen
          WHERE org = {org:String} AND pepper != '' AND seen_at > now64(3, 'UTC') - INTERVAL ${GONE_AFTER_MINUTES} MINUTE
          GROUP BY gate ORDER BY gate`,
        params: { org: NO_ORG },
      })
      return rows.map((row) => ({ gate: String(row.gate), pepper: String(row.latest) }))
    },

    async seenBy(org) {
      const rows = await client.rows({
        tag: 'settings-seen',
        sql: `SELECT gate, argMaxIf(revision, seen_at, org != '') AS known, max(seen_at) AS last FROM settings_seen
          WHERE org IN ({org:String}, '') AND seen_at > now64(3, 'UTC') - INTERVAL ${GONE_AFTER_MINUTES} MINUTE
          GROUP BY gate ORDER BY gate`,
        params: { org },
      })
      return rows.map(({ gate, known, last }) => ({
        gate: String(gate),
        revision: Number(known),
        seenAt: isoTime(String(last)),
      }))
    },
  }
}
