import type { Group } from './question.ts'

const WITHOUT: Readonly<Record<Group, string>> = {
  model: 'no model known',
  provider: 'no provider known',
  keyId: 'no key',
  endpoint: 'no endpoint known',
}

/** How a group is called. */
export function groupLabel(
  group: Group,
  value: string | null | undefined,
  names: Readonly<Record<string, string | null>>,
): string {
  if (value === null || value === undefined) return WITHOUT[group]
  return group === 'keyId' ? (names[value] ?? value) : value
}
