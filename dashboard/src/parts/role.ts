import type { Me } from '../api/answers.ts'

export type Right = 'read' | 'prompts' | 'events' | 'admin'

/** Whether who is signed in may; `admin` may see events as well. */
export function may(who: Me | undefined, right: Right): boolean {
  const scopes: readonly string[] = who?.scopes ?? []
  return scopes.includes(right) || (right === 'events' && scopes.includes('admin'))
}

const WHO: Readonly<Record<Right, string>> = {
  read: 'a viewer (scope read)',
  prompts: 'a prompt reader (scope prompts)',
  events: 'an auditor (scope events) or an admin',
  admin: 'an admin (scope admin)',
}

/** Why a control is disabled; null where it is not. */
export function whyNot(who: Me | undefined, right: Right): string | null {
  return may(who, right) ? null : `Only ${WHO[right]} may do this.`
}
