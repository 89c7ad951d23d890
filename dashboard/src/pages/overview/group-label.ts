import { type Group, tagOf } from './question.ts'

const WITHOUT: Readonly<Record<string, string>> = {
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
  const tag = tagOf(group)
  if (value === null || value === undefined) return WITHOUT[group] ?? `no tag ${tag}`
  if (value === '' && tag !== null) return `${tag} is empty`
  return group === 'keyId' ? (names[value] ?? value) : value
}
