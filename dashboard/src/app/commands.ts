import type { Facets, KeyNames, Views } from '../api/answers.ts'
import { ApiError, get } from '../api/request.ts'
import { signOut } from '../api/session.ts'
import { SECTIONS } from '../pages/settings/sections.ts'
import { DAY_MS } from '../state/range.ts'
import { switchTheme } from '../state/theme.ts'
import { flipUtc } from '../state/zone.ts'
import { PLACES } from './places.ts'

/** Something that the command menu can do or open. */
export type Command = { readonly kind: string; readonly label: string } & (
  | { readonly href: string }
  | { readonly act: () => void }
)

/** What is always there. */
export const COMMANDS: readonly Command[] = [
  ...PLACES.map(({ path, label }) => ({ kind: 'Page', label, href: path })),
  ...SECTIONS.map(({ name, label }) => ({
    kind: 'Settings',
    label,
    href: `/ui/settings/${name}`,
  })),
  { kind: 'Page', label: 'First call', href: '/ui/start' },
  { kind: 'Action', label: 'Switch theme', act: switchTheme },
  { kind: 'Action', label: 'Switch between UTC and this browser’s time', act: flipUtc },
  { kind: 'Action', label: 'Sign out', act: () => void signOut() },
]

/** Views, keys and models of the organisation. What cannot be had now is left out. */
export async function commandsOfOrganisation(): Promise<readonly Command[]> {
  const [views, keys, models] = await Promise.all([
    orNothing(get<Views>('/views')),
    orNothing(get<KeyNames>('/keys/names')),
    orNothing(get<Facets>('/audit/facets', { field: 'model', from: daysAgo(30) })),
  ])
  return [
    ...(views?.views ?? []).map(({ name, query }) => ({
      kind: 'View',
      label: name,
      href: `/ui/audit?${query}`,
    })),
    ...Object.entries(keys?.names ?? {}).map(([id, name]) => ({
      kind: 'Calls of key',
      label: name,
      href: `/ui/audit?${new URLSearchParams({ keyId: id })}`,
    })),
    ...(models?.values ?? []).flatMap(({ value }) =>
      value === null
        ? []
        : [
            {
              kind: 'Calls of model',
              label: value,
              href: `/ui/audit?${new URLSearchParams({ model: value })}`,
            },
          ],
    ),
  ]
}

/** Those that hold every part of `text`, those that begin with it first; at most `limit`. */
export function matching(
  commands: readonly Command[],
  text: string,
  limit: number,
): readonly Command[] {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean)
  const named = commands.map((command) => ({
    command,
    name: `${command.label} ${command.kind}`.toLowerCase(),
  }))
  const found = named.filter(({ name }) => parts.every((part) => name.includes(part)))
  const first = parts[0] ?? ''
  found.sort((a, b) => Number(b.name.startsWith(first)) - Number(a.name.startsWith(first)))
  return found.slice(0, limit).map(({ command }) => command)
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString()
}

async function orNothing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiError) return null
    throw error
  }
}
