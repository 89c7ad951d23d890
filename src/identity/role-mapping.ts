import type { SessionUser } from '../store/identity/session-log.ts'
import { SCOPES, type Scope, type UserRights } from './principal.ts'

/** Roles as the settings name them, and what each may do. */
const ROLE_SCOPES = {
  viewer: ['read'],
  promptReader: ['read', 'prompts'],
  auditor: ['read', 'events'],
  admin: ['read', 'admin'],
} as const satisfies Readonly<Record<string, readonly Scope[]>>

export interface RoleMapping extends UserRights {
  /** Those of a user's values that the settings give a role. */
  mapped(values: readonly string[]): readonly string[]
}

interface RoleMappingOptions {
  readonly issuer: string
  /** Organisation of its users. */
  readonly org: string
  /** By the values of the role claim. */
  readonly roles: Readonly<Record<string, ReadonlyArray<keyof typeof ROLE_SCOPES>>>
}

/** Rights of the users of one identity provider; of any other, and in any other organisation, none. */
export function createRoleMapping({ issuer, org, roles }: RoleMappingOptions): RoleMapping {
  const byValue = new Map(Object.entries(roles))
  return {
    mapped: (values) => [...new Set(values)].filter((value) => byValue.has(value)),
    rightsOf(ofOrg, user: SessionUser) {
      if (ofOrg !== org || user.issuer !== issuer) return []
      const given = new Set<Scope>(
        user.roleValues
          .flatMap((value) => byValue.get(value) ?? [])
          .flatMap((role) => ROLE_SCOPES[role]),
      )
      return SCOPES.filter((scope) => given.has(scope))
    },
  }
}

/** Where no identity provider is set: those who came by one before have no rights. */
export const NO_USERS: UserRights = { rightsOf: () => [] }
