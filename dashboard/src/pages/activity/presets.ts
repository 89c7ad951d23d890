interface Preset {
  readonly label: string
  readonly actions: readonly string[]
}

/** Questions that auditors ask often; several actions each. */
export const PRESETS: readonly Preset[] = [
  { label: 'Prompt reads', actions: ['prompt.read', 'attachment.read'] },
  { label: 'Settings', actions: ['settings.changed', 'hold.placed', 'hold.released'] },
  { label: 'Keys', actions: ['key.created', 'key.renamed', 'key.rotated', 'key.revoked'] },
  { label: 'Exports', actions: ['records.exported'] },
  { label: 'Refused sign-ins', actions: ['authentication.failed', 'session.refused'] },
  { label: 'Erasures', actions: ['record.erased', 'records.erased'] },
]

/** Whether exactly these actions are asked for. */
export function isPreset({ actions }: Preset, asked: readonly string[]): boolean {
  return actions.length === asked.length && actions.every((action) => asked.includes(action))
}
