import { Compile } from 'typebox/compile'
import type { StoreClient } from '../client/client.ts'
import { type SessionUser, SessionUserSchema } from './session-log.ts'

export interface UserNames {
  /** All who ever signed in to an organisation, as they were described last. */
  listUsers(org: string): Promise<readonly SessionUser[]>
}

export function createUserNames(client: Pick<StoreClient, 'rows'>): UserNames {
  return {
    async listUsers(org) {
      const rows = await client.rows({
        tag: 'identity:users',
        sql: `SELECT argMax(JSONExtractRaw(state, 'user'), (at, toString(id))) AS latest FROM identity_events
          WHERE subject_kind = 'session' AND org = {org:String} AND action = 'session.started'
            AND JSONType(state, 'user') = 'Object' GROUP BY actor`,
        params: { org },
      })
      return rows.map(({ latest }) => USER.Parse(JSON.parse(String(latest))))
    },
  }
}

const USER = Compile(SessionUserSchema)
